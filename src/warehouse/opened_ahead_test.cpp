// Opens DuckDB on a thread of its own.
#include "warehouse/opened_ahead.h"

#include <gtest/gtest.h>

namespace ashore::warehouse {
namespace {

ConnectOptions options_for(const std::string& path) {
  ConnectOptions options;
  options.driver_folder = ASHORE_DRIVER_FOLDER;
  options.path = path;
  return options;
}

TEST(OpenedAheadTest, GivesTheOpenedDatabase) {
  OpenedAhead ahead(options_for(":memory:"));
  const auto taken = ahead.take();
  ASSERT_TRUE(taken.ok()) << taken.error().message();
  EXPECT_TRUE(taken.value()->execute("CREATE TABLE t(n integer)").ok());
}

TEST(OpenedAheadTest, GivesTheErrorToWhoTakesIt) {
  OpenedAhead ahead(options_for("/no/such/folder/w.duckdb"));
  const auto taken = ahead.take();
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().kind(), base::ErrorKind::kPermanent);
}

TEST(OpenedAheadTest, MayGoBeforeAnybodyTakesIt) {
  const OpenedAhead ahead(options_for(":memory:"));
}

}  // namespace
}  // namespace ashore::warehouse
