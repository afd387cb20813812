// Files that are attached to one instance behave like files that are opened.
#include "warehouse/duckdb_instance.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "warehouse/testing/session_cases.h"

namespace ashore::warehouse {
namespace {

class DuckDbInstanceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("ashore_instance_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  [[nodiscard]] ConnectOptions options_for(const std::string& name) {
    ConnectOptions options;
    options.driver_folder = ASHORE_DRIVER_FOLDER;
    options.path = (folder_ / name).string();
    options.instance = &instance_;
    return options;
  }
  // Without the instance, as another process would.
  [[nodiscard]] ConnectOptions apart(const std::string& name) {
    auto options = options_for(name);
    options.instance = nullptr;
    return options;
  }
  std::unique_ptr<Connection> open(const ConnectOptions& options) {
    auto connection = Connection::open(options);
    EXPECT_TRUE(connection.ok()) << connection.error().message();
    return connection.ok() ? std::move(connection).value() : nullptr;
  }

  std::filesystem::path folder_;
  DuckDbInstance instance_;
};

TEST_F(DuckDbInstanceTest, SessionsKeepTheirPromises) {
  expect_every_type_round_trips(*open(options_for("a.duckdb")), false);
  expect_every_type_round_trips(*open(options_for("b.duckdb")), true);
  expect_affected_rows_are_counted(*open(options_for("c.duckdb")));
  expect_rollback_undoes_all(*open(options_for("d.duckdb")));
  expect_empty_answers_have_columns(*open(options_for("e.duckdb")));
  expect_wrong_sql_is_permanent(*open(options_for("f.duckdb")));
}

TEST_F(DuckDbInstanceTest, ASessionThatEndsLeavesTheFileWholeAndFree) {
  auto session = open(options_for("w.duckdb"));
  ASSERT_TRUE(session->begin().ok());
  ASSERT_TRUE(session->execute("CREATE TABLE t AS SELECT * FROM range(100000) r(n)").ok());
  ASSERT_TRUE(session->commit().ok());
  session.reset();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "w.duckdb.wal"));
  EXPECT_EQ(number_of(*open(apart("w.duckdb")), "SELECT count(*) FROM t"), 100'000);
}

TEST_F(DuckDbInstanceTest, ASessionThatEndsInATransactionUndoesIt) {
  ASSERT_TRUE(open(options_for("w.duckdb"))->execute("CREATE TABLE t(n integer)").ok());
  auto session = open(options_for("w.duckdb"));
  ASSERT_TRUE(session->begin().ok());
  ASSERT_TRUE(session->execute("INSERT INTO t VALUES (1)").ok());
  EXPECT_FALSE(session->execute("SELECT * FROM nowhere").ok());
  session.reset();
  EXPECT_EQ(number_of(*open(apart("w.duckdb")), "SELECT count(*) FROM t"), 0);
}

TEST_F(DuckDbInstanceTest, AFileIsAttachedAgainForReading) {
  ASSERT_TRUE(open(options_for("w.duckdb"))->execute("CREATE TABLE t AS SELECT 7 AS n").ok());
  auto options = options_for("w.duckdb");
  options.read_only = true;
  const auto reader = open(options);
  EXPECT_EQ(number_of(*reader, "SELECT n::bigint FROM t"), 7);
  EXPECT_EQ(number_of(*reader, "SELECT n::bigint FROM w.main.t"), 7);
  EXPECT_FALSE(reader->execute("INSERT INTO t VALUES (1)").ok());
  EXPECT_FALSE(reader->execute("CREATE TABLE main.u(n integer)").ok());
}

TEST_F(DuckDbInstanceTest, NothingIsLeftForTheNextSession) {
  auto session = open(options_for("a.duckdb"));
  ASSERT_TRUE(session->execute("CREATE TABLE t(n integer)").ok());
  ASSERT_TRUE(session->execute("CREATE TEMP TABLE staged(n integer)").ok());
  session.reset();
  session = open(options_for("b.duckdb"));
  EXPECT_FALSE(session->execute("SELECT * FROM t").ok());
  EXPECT_FALSE(session->execute("SELECT * FROM staged").ok());
  EXPECT_EQ(number_of(*session, "SELECT count(*) FROM duckdb_databases() WHERE NOT internal"), 2);
}

TEST_F(DuckDbInstanceTest, SessionsRunInUtcWithTheMemoryTheyAreGiven) {
  auto options = options_for("w.duckdb");
  options.memory_bytes_max = std::int64_t{100} << 20;
  auto session = open(options);
  auto answer =
      session->query("SELECT current_setting('TimeZone'), current_setting('memory_limit')");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(text_at(*answer.value(), 0, 0), "UTC");
  EXPECT_EQ(text_at(*answer.value(), 1, 0), "100.0 MiB");
  session.reset();
  options.memory_bytes_max = std::int64_t{200} << 20;
  session = open(options);
  answer = session->query("SELECT current_setting('memory_limit')");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(text_at(*answer.value(), 0, 0), "200.0 MiB");
}

TEST_F(DuckDbInstanceTest, SpillsBesideTheFileAndCleansUp) {
  {
    DuckDbInstance instance;
    auto options = options_for("w.duckdb");
    options.instance = &instance;
    options.memory_bytes_max = std::int64_t{64} << 20;
    for (int round = 0; round < 2; ++round) {
      const auto session = open(options);
      ASSERT_NE(session, nullptr);
      const auto sorted = session->execute(
          "CREATE OR REPLACE TEMP TABLE t AS SELECT md5(n::varchar) AS a, n FROM range(3000000) "
          "r(n) "
          "ORDER BY a");
      ASSERT_TRUE(sorted.ok()) << sorted.error().message();
      EXPECT_TRUE(std::filesystem::exists(folder_ / "w.duckdb.tmp"));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "w.duckdb.tmp"));
}

TEST_F(DuckDbInstanceTest, NamesThatDuckDbHasItselfAreOpenedApart) {
  for (const auto* const name :
       {"memory.duckdb", "system.db", "temp", "MEMORY.duckdb", "main.duckdb", "duckdb.duckdb",
        "memory.a.duckdb", "a b'c\".duckdb", "a.b.duckdb", ".duckdb", "é.duckdb"}) {
    auto session = open(options_for(name));
    ASSERT_NE(session, nullptr) << name;
    const auto made = session->execute("CREATE TABLE t AS SELECT 7 AS n");
    EXPECT_TRUE(made.ok()) << name << ": " << made.error().message();
    session.reset();
    session = open(apart(name));
    ASSERT_NE(session, nullptr) << name;
    EXPECT_EQ(number_of(*session, "SELECT n::bigint FROM t"), 7) << name;
  }
}

// What another process would hold, this one holds by a second instance.
TEST_F(DuckDbInstanceTest, ErrorsAreThoseOfFilesThatAreOpened) {
  std::ofstream(folder_ / "notes.txt") << std::string(10'000, 'x');
  auto missing = options_for("missing.duckdb");
  missing.read_only = true;
  for (auto options : {options_for("notes.txt"), options_for("nowhere/w.duckdb"), missing}) {
    const auto attached = Connection::open(options);
    options.instance = nullptr;
    const auto opened = Connection::open(options);
    ASSERT_FALSE(attached.ok()) << options.path;
    ASSERT_FALSE(opened.ok()) << options.path;
    EXPECT_EQ(attached.error().kind(), opened.error().kind()) << attached.error().message();
    EXPECT_EQ(attached.error().message(), opened.error().message());
  }
  // None of them is left attached.
  EXPECT_NE(open(options_for("w.duckdb")), nullptr);
}

TEST_F(DuckDbInstanceTest, IsOpenedAheadOrNot) {
  instance_.open_ahead(options_for("w.duckdb"));
  instance_.open_ahead(options_for("w.duckdb"));
  EXPECT_TRUE(open(options_for("w.duckdb"))->execute("CREATE TABLE t(n integer)").ok());
  instance_.open_ahead(options_for("w.duckdb"));
  EXPECT_TRUE(open(options_for("w.duckdb"))->execute("SELECT * FROM t").ok());
}

TEST_F(DuckDbInstanceTest, ADriverThatIsNotThereIsPermanent) {
  auto options = options_for("w.duckdb");
  options.driver_folder = "/no/such/folder";
  instance_.open_ahead(options);
  const auto connection = Connection::open(options);
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(connection.error().message().find("libduckdb.so"), std::string::npos);
}

}  // namespace
}  // namespace ashore::warehouse
