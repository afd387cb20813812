// A DuckDB session keeps Connection's promises.
#include "warehouse/connection.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "warehouse/testing/session_cases.h"

namespace ashore::warehouse {
namespace {

ConnectOptions options_for(const std::string& path) {
  return {
      .dialect = Dialect::kDuckDb, .driver_folder = ASHORE_DRIVER_FOLDER, .path = path, .url = {}};
}

std::unique_ptr<Connection> memory_session() {
  auto connection = Connection::open(options_for(":memory:"));
  EXPECT_TRUE(connection.ok()) << connection.error().message();
  return std::move(connection).value();
}

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("ashore_warehouse_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(ConnectionTest, EveryTypeRoundTrips) {
  const auto session = memory_session();
  expect_every_type_round_trips(*session, false);
}
TEST(ConnectionTest, EveryTypeRoundTripsThroughATemporaryTable) {
  const auto session = memory_session();
  expect_every_type_round_trips(*session, true);
}
TEST(ConnectionTest, CountsAffectedRows) { expect_affected_rows_are_counted(*memory_session()); }
TEST(ConnectionTest, RollbackUndoesAll) { expect_rollback_undoes_all(*memory_session()); }
TEST(ConnectionTest, EmptyAnswersHaveColumns) {
  expect_empty_answers_have_columns(*memory_session());
}
TEST(ConnectionTest, WrongSqlIsPermanent) { expect_wrong_sql_is_permanent(*memory_session()); }

TEST(ConnectionTest, SessionsRunInUtc) {
  const auto answer = memory_session()->query("SELECT current_setting('TimeZone')");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(text_at(*answer.value(), 0, 0), "UTC");
}

TEST(ConnectionTest, ADriverThatIsNotThereIsPermanent) {
  auto options = options_for(":memory:");
  options.driver_folder = "/no/such/folder";
  const auto connection = Connection::open(options);
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(connection.error().message().find("libduckdb.so"), std::string::npos);
}

TEST(ConnectionTest, AFileThatIsNoDatabaseIsPermanent) {
  const auto path = fresh_folder("no_database") / "notes.txt";
  std::ofstream(path) << std::string(10'000, 'x');
  const auto connection = Connection::open(options_for(path.string()));
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind(), base::ErrorKind::kPermanent) << connection.error().message();
}

TEST(ConnectionTest, AFolderThatIsNotThereIsPermanent) {
  const auto path = fresh_folder("no_folder") / "missing" / "w.duckdb";
  const auto connection = Connection::open(options_for(path.string()));
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind(), base::ErrorKind::kPermanent) << connection.error().message();
}

TEST(ConnectionTest, AReadOnlySessionCannotWrite) {
  const auto path = (fresh_folder("read_only") / "w.duckdb").string();
  {
    const auto writer = Connection::open(options_for(path));
    ASSERT_TRUE(writer.ok()) << writer.error().message();
    ASSERT_TRUE(writer.value()->execute("CREATE TABLE t(n integer)").ok());
  }
  auto options = options_for(path);
  options.read_only = true;
  const auto reader = Connection::open(options);
  ASSERT_TRUE(reader.ok()) << reader.error().message();
  EXPECT_EQ(number_of(*reader.value(), "SELECT count(*) FROM t"), 0);
  EXPECT_FALSE(reader.value()->execute("INSERT INTO t VALUES (1)").ok());
}

TEST(ConnectionTest, AStreamStopsWhenItsReaderFails) {
  const auto status = memory_session()->stream(
      "SELECT * FROM range(1000000)",
      [](const arrow::RecordBatch&) -> base::Status { return base::transient("enough"); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().what(), "enough");
}

}  // namespace
}  // namespace ashore::warehouse
