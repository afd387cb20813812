// What becomes of a published row: it is matched, stale, asked for, kept, or deleted.
#include "merge/published_rows.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "io/memory_store.h"
#include "state/run_folder.h"

namespace ashore::merge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Orders are published on day 1 to day 4; the window is [day 1, day 4).
class PublishedRowsTest : public testing::Test {
 protected:
  PublishedRowsTest() {
    orders.name = "orders";
    orders.columns = {column("id", base::TypeKind::kInt64), column("at", base::TypeKind::kDate)};
    orders.key = {"id"};
    window.run_id = "run-1";
  }

  static config::Column column(const std::string& name, base::TypeKind kind) {
    config::Column column;
    column.name = name;
    column.type = {kind};
    return column;
  }

  // A file with these columns of numbers.
  std::int64_t write(const std::string& path, const base::Schema& schema,
                     const std::vector<std::vector<std::int64_t>>& columns) {
    const auto arrow_schema = columnar::arrow_schema(schema);
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (std::size_t index = 0; index < columns.size(); ++index) {
      auto builder =
          arrow::MakeBuilder(arrow_schema->field(static_cast<int>(index))->type()).ValueOrDie();
      for (const auto number : columns[index]) {
        const auto scalar = arrow::MakeScalar(number)->CastTo(builder->type()).ValueOrDie();
        EXPECT_TRUE(builder->AppendScalar(*scalar).ok());
      }
      arrays.push_back(builder->Finish().ValueOrDie());
    }
    const auto table = arrow::Table::Make(arrow_schema, arrays);
    const auto encoded = columnar::encode_parquet(*table, schema).value();
    EXPECT_TRUE(store.write_new(path, encoded.bytes).ok());
    return encoded.rows;
  }

  void stage(const config::Table& table, const std::string& name, const base::Schema& schema,
             const std::vector<std::vector<std::int64_t>>& columns) {
    const auto path = state::window_folder("run-1", table.name) + "/" + name;
    write(path, schema, columns);
    state::ManifestFile file;
    file.path = path;
    window.files.push_back(file);
  }
  void stage_keys(const std::string& name, const std::vector<std::int64_t>& ids) {
    stage(orders, name, base::Schema{{{"id", {base::TypeKind::kInt64}, false}}}, {ids});
  }

  FileOutcome decide(const std::vector<std::int64_t>& ids, const std::vector<std::int64_t>& days) {
    state::TableCounts counts;
    counts.unreadable_keys = unreadable_keys;
    staged = StagedTable::load({store, window, std::int64_t{1} << 20}, orders, counts).value();
    Lineage lineage;
    lineage.table = &orders;
    lineage.staged = staged.get();
    lineage.window_column = "at";
    lineage.can_be_missing = true;
    lineage.asked_by = asked_by;
    lineage.window = {base::Timestamp(std::chrono::days(1)), base::Timestamp(std::chrono::days(4))};
    delta::AddFile file;
    file.path = "part-1.parquet";
    file.rows = write("stage/orders/part-1.parquet", orders.schema(), {ids, days});
    const std::string folder = "stage/orders";
    const auto schema = orders.schema();
    auto file_outcome = decide_file(store, {folder, file, schema}, lineage, {});
    EXPECT_TRUE(file_outcome.ok()) << file_outcome.error().message();
    return std::move(file_outcome).value();
  }

  io::MemoryStore store;
  config::Table orders;
  state::Manifest window;
  std::int64_t unreadable_keys = 0;
  std::optional<std::string> asked_by = "id";
  std::unique_ptr<StagedTable> staged;
};

TEST_F(PublishedRowsTest, RowsOfTheWindowThatAreNeitherStagedNorRejectedAreToBeAskedFor) {
  stage(orders, "part-00001.parquet", orders.schema(), {{1}, {1}});
  stage_keys("rejected_keys.parquet", {2});
  const auto file_outcome = decide({1, 2, 3, -4, 5, 6}, {1, 1, 1, 3, 0, 4});
  EXPECT_THAT(file_outcome.pending, ElementsAre("3", "-4"));
  EXPECT_EQ(file_outcome.matches.size(), 1U);
  EXPECT_EQ(file_outcome.stale, 1);
  EXPECT_EQ(file_outcome.missing, 2);
  EXPECT_EQ(file_outcome.deleted, 0);
}

TEST_F(PublishedRowsTest, WhatWasAskedForAndNotFoundIsDeleted) {
  stage(orders, "part-00001.parquet", orders.schema(), {{3}, {9}});
  stage_keys("asked_keys.parquet", {3, 4, 7});
  const auto file_outcome = decide({3, 4}, {1, 1});
  EXPECT_THAT(file_outcome.pending, IsEmpty());
  EXPECT_EQ(file_outcome.matches.size(), 1U);
  EXPECT_THAT(file_outcome.removed, ElementsAre(1));
  EXPECT_EQ(file_outcome.deleted_items.size(), 1U);
  EXPECT_EQ(file_outcome.deleted, 1);
}

TEST_F(PublishedRowsTest, WhatWasAskedForAndRejectedIsStale) {
  stage_keys("asked_keys.parquet", {3});
  stage_keys("rejected_keys.parquet", {3});
  const auto file_outcome = decide({3}, {1});
  EXPECT_EQ(file_outcome.stale, 1);
  EXPECT_THAT(file_outcome.removed, IsEmpty());
}

TEST_F(PublishedRowsTest, NothingIsMissingWhereAKeyCouldNotBeRead) {
  unreadable_keys = 1;
  stage_keys("asked_keys.parquet", {3});
  const auto file_outcome = decide({3, 4}, {1, 1});
  EXPECT_THAT(file_outcome.pending, IsEmpty());
  EXPECT_EQ(file_outcome.missing, 0);
  EXPECT_THAT(file_outcome.removed, IsEmpty());
}

TEST_F(PublishedRowsTest, WhereNobodyAsksRowsAreKeptOrDeletedAsTheTableSays) {
  asked_by.reset();
  const auto kept = decide({3}, {1});
  EXPECT_EQ(kept.missing, 1);
  EXPECT_THAT(kept.removed, IsEmpty());
  EXPECT_TRUE(store.remove("stage/orders/part-1.parquet").ok());
  orders.missing = config::Missing::kDelete;
  const auto deleted = decide({3}, {1});
  EXPECT_EQ(deleted.deleted, 1);
  EXPECT_THAT(deleted.removed, ElementsAre(0));
}

}  // namespace
}  // namespace ashore::merge
