// A PostgreSQL server's sums of rows are those of this program (needs ASHORE_TEST_POSTGRES:
// scripts/with_postgres).
#include "warehouse/server_sums.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace ashore::warehouse {
namespace {

class ServerSumsPgtest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const url = std::getenv("ASHORE_TEST_POSTGRES");
    ASSERT_NE(url, nullptr) << "run me by scripts/with_postgres";
    url_ = url;
    connect(url_);
    execute("DROP SCHEMA public CASCADE");
    execute("CREATE SCHEMA public");
  }

  void connect(const std::string& url) {
    auto opened = Connection::open({.dialect = Dialect::kPostgreSql,
                                    .driver_folder = ASHORE_DRIVER_FOLDER,
                                    .path = {},
                                    .url = base::Secret(url)});
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    session_ = std::move(opened).value();
  }

  void execute(const std::string& sql) {
    const auto done = session_->execute(sql);
    ASSERT_TRUE(done.ok()) << done.error().message();
  }

  PartitionSums on_server(const ComparedTable& shape) {
    auto sums = sum_on_server(*session_, "things", shape, {});
    EXPECT_TRUE(sums.ok()) << sums.error().message();
    return sums.ok() ? std::move(sums).value() : PartitionSums();
  }

  PartitionSums here(const ComparedTable& shape) {
    const std::stop_token never;
    PartitionSums sums;
    const auto read = DatabaseRows(*session_, "things", shape, never)
                          .read_all([&](const arrow::Table& rows) -> base::Status {
                            add_as_server(shape, rows, &sums);
                            return {};
                          });
    EXPECT_TRUE(read.ok()) << read.error().message();
    return sums;
  }

  // 5,000 rows of 40 days, a fifth of each column null.
  void make_things() {
    execute(
        "CREATE TABLE things AS SELECT"
        " n AS id,"
        " CASE WHEN random() > 0.2 THEN repeat(md5(n::text), (random() * 3)::int) END AS name,"
        " CASE WHEN random() > 0.2 THEN random() > 0.5 END AS flag,"
        " CASE WHEN random() > 0.2 THEN ((random() - 0.5) * 4e9)::integer END AS small,"
        " CASE WHEN random() > 0.2 THEN ((random() - 0.5) * 1.8e19)::bigint END AS large,"
        " CASE WHEN random() > 0.2 THEN (random() - 0.5) * 10 ^ (600 * random() - 300) END AS real,"
        " CASE WHEN random() > 0.2 THEN ((random() - 0.5) * 10 ^ (8 * random()))::numeric(12,4) END"
        " AS amount,"
        " CASE WHEN random() > 0.2 THEN DATE '1999-12-20' + n % 40 END AS day,"
        " CASE WHEN random() > 0.2 THEN now() - random() * interval '60 years' END AS time,"
        " CASE WHEN random() > 0.2 THEN ('{\"n\":   ' || n || '}')::json END AS details"
        " FROM generate_series(1, 5000) AS n");
  }

  static ComparedTable shape_of_things() {
    using base::TypeKind;
    ComparedTable shape;
    shape.name = "things";
    shape.key = {"id"};
    shape.partition_column = "day";
    shape.schema.fields = {{"id", {TypeKind::kInt32}},
                           {"name", {TypeKind::kString}},
                           {"flag", {TypeKind::kBoolean}},
                           {"small", {TypeKind::kInt32}},
                           {"large", {TypeKind::kInt64}},
                           {"real", {TypeKind::kFloat64}},
                           {"amount", {TypeKind::kDecimal, 12, 4}},
                           {"day", {TypeKind::kDate}},
                           {"time", {TypeKind::kTimestamp}},
                           {"details", {TypeKind::kJson}}};
    return shape;
  }

  std::string url_;
  std::unique_ptr<Connection> session_;
};

TEST_F(ServerSumsPgtest, ThisServerSums) {
  const auto does = sums_on_server(*session_);
  ASSERT_TRUE(does.ok()) << does.error().message();
  EXPECT_TRUE(does.value());
}

TEST_F(ServerSumsPgtest, ASumIsTheSameOnBothSides) {
  make_things();
  auto shape = shape_of_things();
  const auto sums = on_server(shape);
  EXPECT_EQ(sums.size(), 41U);
  EXPECT_EQ(sums, here(shape));
  for (const auto* const column : {"name", "flag", "small"}) {
    shape.partition_column = column;
    EXPECT_EQ(on_server(shape), here(shape)) << column;
  }
  shape.partition_column = std::nullopt;
  EXPECT_EQ(on_server(shape).size(), 1U);
  EXPECT_EQ(on_server(shape), here(shape));
}

TEST_F(ServerSumsPgtest, AnEmptyTableHasNoSums) {
  make_things();
  execute("DELETE FROM things");
  auto shape = shape_of_things();
  EXPECT_EQ(on_server(shape), PartitionSums());
  shape.partition_column = std::nullopt;
  EXPECT_EQ(on_server(shape), PartitionSums());
}

// Each leaves the table's rows as many, and most of its columns' values as they were.
TEST_F(ServerSumsPgtest, EveryEditIsSeen) {
  make_things();
  const auto shape = shape_of_things();
  execute("UPDATE things SET real = 0, name = '', flag = false, small = 0, large = 0 WHERE id = 7");
  execute("UPDATE things SET details = 'null', name = 'A' WHERE id = 8");
  const auto before = on_server(shape);
  for (const std::string edit :
       {"real = NULL WHERE id = 7", "name = NULL WHERE id = 7", "flag = NULL WHERE id = 7",
        "small = NULL WHERE id = 7", "large = NULL WHERE id = 7", "details = NULL WHERE id = 8",
        "name = 'a' WHERE id = 8", "small = 2, large = 1 WHERE id = 9",
        "time = time + interval '1 microsecond' WHERE time IS NOT NULL AND id < 20",
        "amount = amount + 0.0001 WHERE amount IS NOT NULL AND id < 20",
        "details = (details::text || ' ')::json WHERE id < 20",
        // The values of one column change places between rows of one day.
        "name = CASE WHEN name = 'A' THEN 'B' ELSE 'A' END WHERE id IN (8, 48)"}) {
    ASSERT_TRUE(session_->begin().ok());
    execute("UPDATE things SET small = 1, large = 2 WHERE id = 9");
    execute(
        "UPDATE things SET name = 'B', day = (SELECT day FROM things WHERE id = 8) WHERE id = 48");
    const auto reference = on_server(shape);
    execute("UPDATE things SET " + edit);
    EXPECT_NE(on_server(shape), reference) << edit;
    ASSERT_TRUE(session_->rollback().ok());
  }
  EXPECT_EQ(on_server(shape), before);
}

// Another hash of the same name, as another release of PostgreSQL might have it.
TEST_F(ServerSumsPgtest, AServerThatHashesOtherwiseIsNotAsked) {
  execute("CREATE SCHEMA IF NOT EXISTS other");
  execute(
      "CREATE OR REPLACE FUNCTION other.hashtextextended(text, bigint) RETURNS bigint"
      " LANGUAGE sql IMMUTABLE AS 'SELECT $2'");
  execute("SET search_path = other, pg_catalog");
  const auto does = sums_on_server(*session_);
  ASSERT_TRUE(does.ok()) << does.error().message();
  EXPECT_FALSE(does.value());
}

TEST_F(ServerSumsPgtest, ADatabaseOfAnotherEncodingIsNotAsked) {
  execute("DROP DATABASE IF EXISTS latin");
  execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
  connect(url_.substr(0, url_.rfind('/')) + "/latin");
  const auto does = sums_on_server(*session_);
  ASSERT_TRUE(does.ok()) << does.error().message();
  EXPECT_FALSE(does.value());
}

}  // namespace
}  // namespace ashore::warehouse
