// No form of a PostgreSQL url shows its password, not even a wrongly escaped
// one.
#include "warehouse/postgres_url.h"

#include <gtest/gtest.h>

namespace ashore::warehouse {
namespace {

std::string place(const char* url) { return postgres_place(base::Secret(url)); }

TEST(PostgresUrlTest, ShowsHostPortAndDatabaseOfAUri) {
  EXPECT_EQ(place("postgresql://me:hush@db.example:5433/sales?sslmode=require"),
            "postgresql://db.example:5433/sales");
  EXPECT_EQ(place("postgres://me@[::1]:5432/sales"), "postgresql://[::1]:5432/sales");
  EXPECT_EQ(place("postgresql:///sales?host=/run/pg&port=5434&password=hush"),
            "postgresql:///run/pg:5434/sales");
  EXPECT_EQ(place("postgresql://me:hush@a:1,b:2/sales"), "postgresql://a:1,b:2/sales");
}

TEST(PostgresUrlTest, ShowsHostPortAndDatabaseOfKeywords) {
  EXPECT_EQ(place("host=db port = 5433 dbname='my sales' user=me "
                  "password='hu\\'sh db'"),
            "postgresql://db:5433/my sales");
}

TEST(PostgresUrlTest, ShowsNothingWhereAPasswordCannotBeToldFromTheRest) {
  EXPECT_EQ(place("postgresql://me:hu/sh@db/sales"), "postgresql://");
  EXPECT_EQ(place("postgresql://me:hu?sh@db/sales"), "postgresql://");
  EXPECT_EQ(place("hush"), "postgresql://");
  EXPECT_EQ(place(""), "postgresql://");
}

TEST(PostgresUrlTest, KeepsAnAtSignInThePasswordOutOfSight) {
  EXPECT_EQ(place("postgresql://me:hu@sh@db/sales"), "postgresql://db/sales");
}

TEST(PostgresUrlTest, AddsATimeoutUnlessTheUrlSaysOne) {
  const auto defaults = [](const char* url) {
    return with_session_defaults(base::Secret(url)).reveal();
  };
  EXPECT_EQ(defaults("postgresql://db/sales"),
            "postgresql://db/"
            "sales?connect_timeout=10&fallback_application_name=ashore");
  EXPECT_EQ(defaults("postgresql://db/sales?connect_timeout=3"),
            "postgresql://db/"
            "sales?connect_timeout=3&fallback_application_name=ashore");
  EXPECT_EQ(defaults("host=db"), "host=db connect_timeout=10 fallback_application_name=ashore");
  EXPECT_EQ(defaults(""), "postgresql://?connect_timeout=10&fallback_application_name=ashore");
}

TEST(PostgresUrlTest, APasswordWithARawSeparatorIsRefusedWithoutSayingIt) {
  for (const char* url : {"postgresql://me:hu@sh@db/sales", "postgresql://me:hu/sh@db/sales",
                          "postgres://me:hu?sh@db/sales"}) {
    const auto status = check_postgres_url(base::Secret(url));
    ASSERT_FALSE(status.ok()) << url;
    EXPECT_EQ(status.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_EQ(status.error().message().find("sh"), std::string::npos);
  }
  for (const char* url : {"postgresql://me:hu%40sh@db/sales", "postgresql://db/x?options=a", "",
                          "host=db password=hu@sh"}) {
    EXPECT_TRUE(check_postgres_url(base::Secret(url)).ok()) << url;
  }
  EXPECT_EQ(without_secrets("could not translate host name \"sh@db\"",
                            base::Secret("postgresql://me:hu@sh@db/sales")),
            "could not translate host name \"***db\"");
}

TEST(PostgresUrlTest, TakesThePasswordOutOfMessagesAsWrittenAndAsMeant) {
  const base::Secret url("postgresql://me:hu%21sh@db/sales");
  EXPECT_EQ(without_secrets("cannot use hu%21sh or hu!sh", url), "cannot use *** or ***");
}

}  // namespace
}  // namespace ashore::warehouse
