// Status says what is published and loaded, and says "nothing yet" where that is so.
#include "inspect/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "delta/commit.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "state/run_folder.h"
#include "warehouse/connection.h"

namespace ashore::inspect {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// A pipeline of one table and a DuckDB file that is not there yet.
class StatusTest : public testing::Test {
 protected:
  StatusTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("ashore_status_" + std::string(test->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    destination_.kind = config::DestinationKind::kDuckDb;
    destination_.path = "shop.duckdb";
    options_.data_folder = folder_;
    options_.driver_folder = ASHORE_DRIVER_FOLDER;
    pipeline_.tables.resize(1);
    pipeline_.tables.front().name = "orders";
  }
  ~StatusTest() override { std::filesystem::remove_all(folder_); }

  void execute(const std::vector<std::string>& statements) {
    warehouse::ConnectOptions connect;
    connect.driver_folder = ASHORE_DRIVER_FOLDER;
    connect.path = folder_ / "shop.duckdb";
    const auto connection = warehouse::Connection::open(connect);
    ASSERT_TRUE(connection.ok()) << connection.error().message();
    for (const auto& statement : statements) {
      const auto executed = connection.value()->execute(statement);
      ASSERT_TRUE(executed.ok()) << executed.error().message();
    }
  }

  PipelineStatus status() {
    io::Env env{.http = http_, .store = store_, .clock = clock_, .random = random_};
    const auto read = read_status(pipeline_, {destination_}, options_, env);
    EXPECT_TRUE(read.ok()) << read.error().message();
    return read.ok() ? read.value() : PipelineStatus();
  }

  std::filesystem::path folder_;
  config::Pipeline pipeline_;
  config::DestinationSpec destination_;
  run::AccessOptions options_;
  io::MemoryStore store_;
  io::FakeClock clock_;
  io::SeededRandom random_;
  io::ScriptedTransport http_{std::deque<base::Result<io::HttpResponse>>{}};
};

constexpr const char* kBookkeeping =
    "CREATE TABLE _ashore_loads (table_name VARCHAR, table_id VARCHAR, version BIGINT, run_id "
    "VARCHAR, row_count BIGINT, loaded_at TIMESTAMPTZ)";

TEST_F(StatusTest, BeforeTheFirstRunThereIsNothingAndNoError) {
  const auto read = status();
  ASSERT_EQ(read.tables.size(), 1U);
  EXPECT_EQ(read.tables[0].version, -1);
  ASSERT_EQ(read.destinations.size(), 1U);
  EXPECT_EQ(read.destinations[0].name, "duckdb:shop.duckdb");
  EXPECT_EQ(read.destinations[0].error, "");
  EXPECT_THAT(read.destinations[0].tables, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "shop.duckdb")) << "status only reads";
}

TEST_F(StatusTest, ADatabaseThatNobodyLoadedHoldsNothing) {
  execute({"CREATE TABLE orders (id INTEGER)", "CREATE SCHEMA other",
           "CREATE TABLE other._ashore_loads (x INTEGER)"});
  const auto read = status();
  EXPECT_EQ(read.destinations[0].error, "");
  EXPECT_THAT(read.destinations[0].tables, IsEmpty());
}

TEST_F(StatusTest, LoadedTablesHaveTheirBookkeeping) {
  execute({kBookkeeping,
           "INSERT INTO _ashore_loads VALUES ('orders', 'id', 4, 'run-1', 12, '2022-11-01 "
           "06:00:00Z')"});
  const auto read = status();
  ASSERT_EQ(read.destinations[0].tables.size(), 1U) << read.destinations[0].error;
  const auto& orders = read.destinations[0].tables[0];
  EXPECT_EQ(orders.table, "orders");
  EXPECT_EQ(orders.version, 4);
  EXPECT_EQ(orders.rows, 12);
  EXPECT_EQ(orders.run_id, "run-1");
  EXPECT_EQ(orders.loaded_at, "2022-11-01T06:00:00Z");
}

TEST_F(StatusTest, ADestinationThatCannotBeReadIsPartOfTheAnswer) {
  std::ofstream(folder_ / "shop.duckdb") << "this is no database, but some text of that name";
  const auto read = status();
  EXPECT_THAT(read.destinations[0].error, HasSubstr("shop.duckdb"));
  EXPECT_EQ(read.tables.size(), 1U);
}

TEST_F(StatusTest, PublishedTablesHaveTheirVersionRowsAndFiles) {
  delta::Commit commit;
  base::Schema schema;
  schema.fields = {{"id", {base::TypeKind::kInt32}, false}};
  commit.metadata = {"id", "orders", schema, {}, 0, {}};
  commit.add.resize(1);
  commit.add[0].path = "part-00000000000000000000000000000001.parquet";
  commit.add[0].rows = 7;
  commit.add[0].bytes = 100;
  commit.add[0].stats_json = R"({"numRecords":7})";
  const auto written = delta::write_commit(store_, state::table_folder("orders"), commit);
  ASSERT_TRUE(written.ok()) << written.error().message();
  const auto read = status();
  EXPECT_EQ(read.tables[0].version, 0);
  EXPECT_EQ(read.tables[0].rows, 7);
  EXPECT_EQ(read.tables[0].files, 1);
  EXPECT_EQ(read.tables[0].bytes, 100);
}

}  // namespace
}  // namespace ashore::inspect
