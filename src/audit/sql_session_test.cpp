// A check's query sees the tables as they would be, and nothing else of the world.
#include "audit/sql_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "audit/testing/audit_fixture.h"
#include "io/disk_store.h"

namespace ashore::audit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A data folder with a name that patterns, SQL and hive folders would trip over.
class SqlSessionTest : public testing::Test {
 protected:
  SqlSessionTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_.parent_path());
    shop_.emplace(io::DiskStore::open(folder_.string()).value());
  }
  ~SqlSessionTest() override { fs::remove_all(folder_.parent_path()); }

  static std::string yaml(const std::string& query) {
    std::string text = "{sql: \"";
    for (const char character : query)
      text += character == '"' ? "\\\"" : std::string(1, character);
    return text + "\"}";
  }
  state::CheckResult judge(const std::string& query) { return shop_->judge(yaml(query)); }
  base::Error refused(const std::string& query) {
    auto verdict = shop_->audit(shop_with(yaml(query)));
    EXPECT_FALSE(verdict.ok()) << query;
    return verdict.ok() ? base::bug("it passed") : verdict.error();
  }
  void make_some() {
    shop_->publish_orders("2024-03-02",
                          {R"(["c", "d", "e"])", "[1709337600000000, null, 1709341200000000]",
                           "[3, null, 50]", "[2.5, null, 3.5]", R"(["-1.00", null, "99.99"])",
                           "[true, null, true]", R"(["[]", null, "1"])"});
    shop_->stage_two_orders();
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "ashore_sql" / "a'b [c]*=d?";
  std::optional<Shop> shop_;
};

TEST_F(SqlSessionTest, AQueryWithoutRowsPassesAndRowsAreShown) {
  make_some();
  EXPECT_TRUE(judge("SELECT * FROM orders WHERE pieces > 50").passed);
  const auto check = judge("SELECT order_id, pieces FROM orders WHERE pieces > 1 ORDER BY 1");
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.observed,
            "3 rows, for example (order_id=b, pieces=2); (order_id=c, pieces=3); "
            "(order_id=e, pieces=50)");
  EXPECT_EQ(check.expected, "no row");
}

TEST_F(SqlSessionTest, TheTableIsAsItWouldBe) {
  make_some();
  EXPECT_TRUE(judge("SELECT 1 FROM orders HAVING count(*) <> 5").passed);
  shop_->remove_orders(0);
  EXPECT_TRUE(judge("SELECT 1 FROM orders HAVING count(*) <> 2").passed);
  EXPECT_TRUE(judge("SELECT * FROM lines").passed);
  shop_->stage_lines({R"(["z"])", "[0]", "[null]"});
  EXPECT_FALSE(judge("SELECT * FROM lines ANTI JOIN orders USING (order_id)").passed);
}

TEST_F(SqlSessionTest, ColumnsHaveTheTypesAndTheOrderOfThePipeline) {
  make_some();
  const auto names = judge(
      "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY column_index) AS t "
      "FROM duckdb_columns() WHERE table_name = 'orders'");
  EXPECT_THAT(names.observed,
              HasSubstr("order_id VARCHAR, placed_at TIMESTAMP WITH TIME ZONE, day DATE, pieces "
                        "INTEGER, weight DOUBLE, price DECIMAL(10,2), is_paid BOOLEAN, customer "
                        "JSON"));
  EXPECT_THAT(judge("SELECT DISTINCT day FROM orders WHERE customer->>'n' = '1'").observed,
              HasSubstr("day=2024-03-01"));
  EXPECT_THAT(judge("SELECT current_setting('TimeZone') AS zone").observed, HasSubstr("zone=UTC"));
}

TEST_F(SqlSessionTest, ANullPartitionIsNull) {
  shop_->stage_orders({}, {R"(["x"])", "[null]", "[null]", "[null]", "[null]", "[null]", "[null]"});
  EXPECT_FALSE(judge("SELECT * FROM orders WHERE day IS NULL").passed);
}

TEST_F(SqlSessionTest, EmptyTablesHaveTheirColumns) {
  EXPECT_TRUE(judge("SELECT order_id, day, customer FROM orders").passed);
}

TEST_F(SqlSessionTest, AQueryThatFailsSaysWhereItStandsAndWhy) {
  make_some();
  const auto error = refused("SELECT nothing FROM orders");
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(error.message(), HasSubstr("shop.yaml:19:14"));
  EXPECT_THAT(error.message(), HasSubstr("Binder Error"));
  EXPECT_THAT(error.message(), HasSubstr("nothing"));
}

TEST_F(SqlSessionTest, OnlyOneSelectIsTaken) {
  make_some();
  const auto file = shop_->store().location_of("stage/orders/stolen.parquet");
  for (const std::string query :
       {"DELETE FROM orders", "CREATE TABLE t AS SELECT 1", "SELECT 1; SELECT 2",
        "SELECT 1); SELECT (2", "COPY orders TO 'x.csv'", "ATTACH 'x.db'", "INSTALL httpfs",
        "LOAD httpfs", "SET lock_configuration = false", "RESET enable_external_access",
        "PRAGMA threads = 1", "EXPORT DATABASE 'x'", "CALL enable_logging()", ""}) {
    EXPECT_EQ(shop_->audit(shop_with(yaml(query == "" ? "--" : query))).error().kind(),
              base::ErrorKind::kPermanent)
        << query;
  }
}

TEST_F(SqlSessionTest, NoOtherFileIsReadOrWritten) {
  make_some();
  std::ofstream(folder_ / "secret.csv") << "a,b\n1,2\n";
  const auto secret = (folder_ / "secret.csv").string();
  for (const std::string query :
       {"SELECT * FROM '/etc/hostname'", "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')", "SELECT * FROM read_csv('runs/run-1/candidate.json')",
        "SELECT * FROM read_blob('https://example.com/')",
        "SELECT * FROM read_text('../../../etc/passwd')",
        "SELECT * FROM query('COPY orders TO ''x.csv''')", "SELECT getenv('HOME')"}) {
    EXPECT_EQ(refused(query).kind(), base::ErrorKind::kPermanent) << query;
  }
  std::string quoted;
  for (const char character : secret)
    quoted += character == '\'' ? "''" : std::string(1, character);
  EXPECT_THAT(refused("SELECT * FROM read_text('" + quoted + "')").message(),
              HasSubstr("may not call this table function: 'read_text'"));
  EXPECT_THAT(refused("FROM '" + quoted + "'").message(), HasSubstr("Permission Error"));
  EXPECT_THAT(refused("WITH a AS (SELECT (SELECT count(*) FROM glob('*'))) FROM a").message(),
              HasSubstr("glob"));
  EXPECT_FALSE(fs::exists("x.csv"));
}

// DuckDB lets a SELECT choose where logs go; where it may not, it ends the process. So neither is
// let through.
TEST_F(SqlSessionTest, NoLogIsWritten) {
  make_some();
  const auto checks =
      yaml("SELECT * FROM enable_logging(storage = 'file', storage_path = 'a_log')") + ", " +
      yaml("SELECT write_log('x', level := 'error') FROM range(100000)");
  const auto verdict = shop_->audit(shop_with(checks));
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_FALSE(fs::exists("a_log"));
}

TEST_F(SqlSessionTest, WhatIsTooLargeIsSpilledAndTheSpillIsRemoved) {
  shop_->context().memory_bytes = std::int64_t{64} << 20;
  const auto check = judge(
      "SELECT * FROM (SELECT range AS n, repeat('x', 40) AS t FROM range(2000000) ORDER BY "
      "hash(range)) WHERE n < 0");
  EXPECT_TRUE(check.passed);
  EXPECT_FALSE(fs::exists(folder_ / "runs/run-1/.spill"));
}

TEST_F(SqlSessionTest, TheDataFolderMayLieAnywhere) {
  Shop shop;
  shop.stage_two_orders();
  EXPECT_TRUE(shop.judge(yaml("SELECT 1 FROM orders HAVING count(*) <> 2")).passed);
  EXPECT_FALSE(shop.judge(yaml("SELECT order_id FROM orders")).passed);
}

// Only named columns are given to DuckDB; whatever way of naming them must be seen.
TEST_F(SqlSessionTest, EveryWayOfNamingAColumnFindsIt) {
  make_some();
  for (const std::string query :
       {"SELECT 1 FROM orders WHERE PIECES = 50", "SELECT 1 FROM orders o WHERE o.pieces = 50",
        "SELECT 1 FROM orders WHERE orders.\"Pieces\" = 50",
        "SELECT * FROM (SELECT * FROM orders) WHERE pieces = 50",
        "SELECT 1 FROM orders o WHERE struct_extract(o, 'pieces') = 50",
        "SELECT 1 FROM (SELECT orders AS o FROM orders) WHERE o.pieces = 50",
        "SELECT 1 FROM orders a JOIN orders b USING (pieces) WHERE a.pieces = 50",
        "SELECT 1 FROM orders a NATURAL JOIN orders b WHERE a.pieces = 50",
        "SELECT 1 FROM (SELECT COLUMNS('pi.*') FROM orders) AS t(p) WHERE p = 50",
        "WITH most AS (SELECT max(pieces) AS m FROM orders) SELECT 1 FROM most WHERE m = 50",
        "SELECT 1 FROM orders GROUP BY ALL HAVING max(pieces) = 50",
        "SELECT pieces FROM orders EXCEPT SELECT 1 FROM orders ORDER BY ALL DESC LIMIT 1",
        "SELECT 1 FROM orders QUALIFY row_number() OVER (ORDER BY pieces DESC NULLS LAST) = 1",
        "FROM orders SELECT 1 WHERE pieces = 50", "PIVOT orders ON pieces IN (50)"}) {
    EXPECT_FALSE(judge(query).passed) << query;
  }
}

TEST_F(SqlSessionTest, AQueryOfNoColumnCountsRows) {
  make_some();
  EXPECT_EQ(judge("SELECT 1 FROM orders").observed.substr(0, 6), "5 rows");
  EXPECT_TRUE(judge("SELECT 1 WHERE (SELECT count(*) FROM orders) <> 5").passed);
}

}  // namespace
}  // namespace ashore::audit
