// The kind of a database's failure says whether running again may help.
#include <gtest/gtest.h>

#include "warehouse/connection.h"
#include "warehouse/duckdb_errors.h"
#include "warehouse/postgres_errors.h"

namespace ashore::warehouse {
namespace {

using base::ErrorKind;

TEST(DuckDbErrorsTest, AnErrorOfDuckDbsOwnComesWithoutItsStackTrace) {
  const auto error = duckdb_error(
      "INTERNAL Error: Database name Temp was already used\n\nStack "
      "Trace:\n\nlibduckdb.so(+0x5b)\n");
  EXPECT_EQ(error.what(), "DuckDB: INTERNAL Error: Database name Temp was already used");
}

TEST(PostgresErrorsTest, LoginsThatARetryCannotMendArePermanent) {
  for (const char* text :
       {"FATAL:  password authentication failed for user \"me\"",
        "fe_sendauth: no password supplied", "FATAL:  database \"sales\" does not exist",
        "FATAL:  role \"me\" does not exist", "FATAL:  role \"me\" is not permitted to log in",
        "FATAL:  no pg_hba.conf entry for host \"10.0.0.1\"",
        "FATAL:  permission denied for database \"sales\"",
        "server does not support SSL, but SSL was required"}) {
    EXPECT_EQ(postgres_connect_error(text).kind(), ErrorKind::kPermanent) << text;
  }
}

TEST(PostgresErrorsTest, ServersThatAreAwayAreTransient) {
  for (const char* text :
       {"connection to server at \"127.0.0.1\", port 1 failed: Connection "
        "refused",
        "FATAL:  the database system is starting up", "FATAL:  sorry, too many clients already",
        "timeout expired", "could not translate host name \"db\" to address",
        "server closed the connection unexpectedly"}) {
    EXPECT_EQ(postgres_connect_error(text).kind(), ErrorKind::kTransient) << text;
  }
}

TEST(PostgresErrorsTest, DoesNotRepeatAUrlThatCannotBeRead) {
  const auto error =
      postgres_connect_error("missing \"=\" after \"hush\" in connection info string");
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_EQ(error.message().find("hush"), std::string::npos);
}

TEST(PostgresErrorsTest, StatementsGoBySqlstate) {
  EXPECT_EQ(postgres_statement_error("x", "40001").kind(), ErrorKind::kTransient);
  EXPECT_EQ(postgres_statement_error("x", "53100").kind(), ErrorKind::kTransient);
  EXPECT_EQ(postgres_statement_error("x", "55P03").kind(), ErrorKind::kTransient);
  EXPECT_EQ(postgres_statement_error("x", "57P01").kind(), ErrorKind::kTransient);
  EXPECT_EQ(postgres_statement_error("x", "42501").kind(), ErrorKind::kPermanent);
  EXPECT_EQ(postgres_statement_error("x", "23505").kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(postgres_statement_error("x", "42P01").kind(), ErrorKind::kPermanent);
  EXPECT_EQ(postgres_statement_error("server closed the connection unexpectedly", "").kind(),
            ErrorKind::kTransient);
}

TEST(PostgresErrorsTest, StatementsGoByTextWhereTheDriverLostTheSqlstate) {
  EXPECT_EQ(postgres_statement_error("ERROR:  canceling statement due to lock timeout", "").kind(),
            ErrorKind::kTransient);
  const auto denied = postgres_statement_error("ERROR:  permission denied for schema public", "");
  EXPECT_EQ(denied.kind(), ErrorKind::kPermanent);
  EXPECT_NE(denied.message().find("GRANT"), std::string::npos);
}

TEST(DuckDbErrorsTest, AFileThatAnotherProcessHoldsSaysWho) {
  const auto error = duckdb_error(
      "IO Error: Could not set lock on file \"/d/w.duckdb\": Conflicting lock "
      "is held in "
      "/usr/bin/python3 (PID 17). See also https://duckdb.org/docs");
  EXPECT_TRUE(is_file_held(error));
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_NE(error.message().find("PID 17"), std::string::npos);
  EXPECT_EQ(error.message().find("https"), std::string::npos);
}

TEST(DuckDbErrorsTest, WrongFilesAndPathsArePermanent) {
  EXPECT_EQ(duckdb_error("IO Error: The file \"x\" exists, but it is not a "
                         "valid DuckDB database "
                         "file!")
                .kind(),
            ErrorKind::kPermanent);
  EXPECT_EQ(duckdb_error("IO Error: Cannot open file \"/no/x\": No such file or directory").kind(),
            ErrorKind::kPermanent);
  EXPECT_EQ(duckdb_error("IO Error: Cannot open database \"x\" in read-only mode: database does "
                         "not exist")
                .kind(),
            ErrorKind::kNotFound);
  EXPECT_EQ(duckdb_error("IO Error: No space left on device").kind(), ErrorKind::kTransient);
  EXPECT_EQ(duckdb_error("Catalog Error: Table with name x does not exist").kind(),
            ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::warehouse
