// A PostgreSQL session keeps Connection's promises (needs ASHORE_TEST_POSTGRES:
// scripts/with_postgres).
#include "warehouse/connection.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "warehouse/testing/session_cases.h"

namespace ashore::warehouse {
namespace {

std::string server_url() {
  const char* url = std::getenv("ASHORE_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

ConnectOptions options_for(const std::string& url) {
  return {.dialect = Dialect::kPostgreSql,
          .driver_folder = ASHORE_DRIVER_FOLDER,
          .path = {},
          .url = base::Secret(url)};
}

// The server's url with one part replaced:
// "postgresql://user:password@host:port/database".
std::string url_with(const std::string& part, const std::string& replacement) {
  std::string url = server_url();
  const auto password = url.find(':', 13) + 1;
  const auto host = url.find('@') + 1;
  const auto port = url.find(':', host) + 1;
  const auto database = url.find('/', port) + 1;
  if (part == "database") return url.replace(database, std::string::npos, replacement);
  if (part == "port") return url.replace(port, database - 1 - port, replacement);
  if (part == "login") return url.replace(13, host - 1 - 13, replacement);
  return url.replace(password, host - 1 - password, replacement);
}

base::Error failure_of(const std::string& url) {
  const auto connection = Connection::open(options_for(url));
  EXPECT_FALSE(connection.ok());
  return connection.ok() ? base::bug("connected") : connection.error();
}

class ConnectionPgtest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(server_url().empty()) << "run me by scripts/with_postgres";
    auto connection = Connection::open(options_for(server_url()));
    ASSERT_TRUE(connection.ok()) << connection.error().message();
    session_ = std::move(connection).value();
    ASSERT_TRUE(session_->execute("DROP SCHEMA public CASCADE").ok());
    ASSERT_TRUE(session_->execute("CREATE SCHEMA public").ok());
  }
  std::unique_ptr<Connection> session_;
};

TEST_F(ConnectionPgtest, EveryTypeRoundTrips) { expect_every_type_round_trips(*session_, false); }
TEST_F(ConnectionPgtest, EveryTypeRoundTripsThroughATemporaryTable) {
  expect_every_type_round_trips(*session_, true);
}
TEST_F(ConnectionPgtest, CountsAffectedRows) { expect_affected_rows_are_counted(*session_); }
TEST_F(ConnectionPgtest, RollbackUndoesAll) { expect_rollback_undoes_all(*session_); }
TEST_F(ConnectionPgtest, EmptyAnswersHaveColumns) { expect_empty_answers_have_columns(*session_); }
TEST_F(ConnectionPgtest, WrongSqlIsPermanent) { expect_wrong_sql_is_permanent(*session_); }

TEST_F(ConnectionPgtest, SessionsRunInUtc) {
  const auto answer = session_->query("SELECT current_setting('TimeZone')");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(text_at(*answer.value(), 0, 0), "UTC");
}

TEST_F(ConnectionPgtest, NumericAndJsonComeBackAsText) {
  const auto answer = session_->query("SELECT 1.50::numeric AS n, '{\"a\":  1}'::json AS j");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value()->schema()->field(0)->type()->id(), arrow::Type::STRING);
  EXPECT_EQ(text_at(*answer.value(), 0, 0), "1.50");
  EXPECT_EQ(text_at(*answer.value(), 1, 0), "{\"a\":  1}");
}

TEST_F(ConnectionPgtest, AWrongPasswordIsPermanentAndNotRepeated) {
  const auto error = failure_of(url_with("password", "hush-hush"));
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent) << error.message();
  EXPECT_EQ(error.message().find("hush"), std::string::npos) << error.message();
}

TEST_F(ConnectionPgtest, AnUnknownRoleIsPermanent) {
  const auto error = failure_of(url_with("login", "nobody_here:x"));
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent) << error.message();
}

TEST_F(ConnectionPgtest, AnUnknownDatabaseIsPermanent) {
  const auto error = failure_of(url_with("database", "no_such_database"));
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent) << error.message();
}

TEST_F(ConnectionPgtest, ARefusedPortIsTransient) {
  const auto error = failure_of(url_with("port", "1"));
  EXPECT_EQ(error.kind(), base::ErrorKind::kTransient) << error.message();
}

TEST_F(ConnectionPgtest, AMalformedUrlIsPermanentAndNotRepeated) {
  for (const char* url : {"postgresql://me:hu/sh@db/sales", "hush", "host=db hush"}) {
    const auto error = failure_of(url);
    EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent) << error.message();
    EXPECT_EQ(error.message().find("hu"), std::string::npos) << error.message();
  }
}

TEST_F(ConnectionPgtest, AMissingRightIsPermanent) {
  ASSERT_TRUE(session_->execute("DROP ROLE IF EXISTS reader").ok());
  ASSERT_TRUE(session_->execute("CREATE ROLE reader LOGIN PASSWORD 'r'").ok());
  const auto reader = Connection::open(options_for(url_with("login", "reader:r")));
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  const auto created = reader.value()->execute("CREATE TABLE public.mine(n integer)");
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(created.error().message().find("GRANT"), std::string::npos)
      << created.error().message();
}

TEST_F(ConnectionPgtest, ASessionThatIsEndedByTheServerIsTransient) {
  const auto other = Connection::open(options_for(server_url()));
  ASSERT_TRUE(other.ok());
  const auto pid = number_of(*session_, "SELECT pg_backend_pid()");
  ASSERT_TRUE(
      other.value()->query("SELECT pg_terminate_backend(" + std::to_string(pid) + ")").ok());
  const auto answer = session_->query("SELECT 1");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind(), base::ErrorKind::kTransient) << answer.error().message();
}

}  // namespace
}  // namespace ashore::warehouse
