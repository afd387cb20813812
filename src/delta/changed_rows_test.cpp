// Changed rows come back as they were written, for the version that they make and no other.
#include "delta/changed_rows.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/arrow_schema.h"
#include "delta/handover.h"
#include "io/memory_store.h"

namespace ashore::delta {
namespace {

class ChangedRowsTest : public testing::Test {
 protected:
  ChangedRowsTest() {
    // A table may have a column of the name that the changes add.
    schema.fields = {{"id", {base::TypeKind::kInt64}, false},
                     {std::string(kChangeColumn), {base::TypeKind::kString}, true}};
    arrow::Int64Builder ids;
    arrow::StringBuilder own, changes;
    EXPECT_TRUE(ids.AppendValues({1, 2, 3}).ok());
    EXPECT_TRUE(own.AppendValues({"mine", "too", "none"}).ok());
    for (const auto change : {kInsert, kUpdate, kDelete}) EXPECT_TRUE(changes.Append(change).ok());
    auto fields = columnar::arrow_schema(schema)->fields();
    fields.push_back(arrow::field(std::string(kChangeColumn), arrow::utf8(), false));
    rows = arrow::Table::Make(
        arrow::schema(fields),
        {ids.Finish().ValueOrDie(), own.Finish().ValueOrDie(), changes.Finish().ValueOrDie()});
    EXPECT_TRUE(write_changed_rows(store, "run-1", {"orders", "id-1", 4, rows, 2}).ok());
  }

  std::optional<ChangedRows> read(std::int64_t version = 5, const std::string& id = "id-1") {
    auto read = read_changed_rows(store, {"run-1", "orders", id, version, schema});
    EXPECT_TRUE(read.ok());
    return std::move(read).value();
  }

  io::MemoryStore store;
  base::Schema schema;
  std::shared_ptr<arrow::Table> rows;
};

TEST_F(ChangedRowsTest, ComeBackAsTheyWereWritten) {
  const auto found = read();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->rows->Equals(*rows));
  EXPECT_EQ(found->upserted, 2);
  EXPECT_EQ(found->base_version, 4);
}

TEST_F(ChangedRowsTest, AreOfOneVersionOfOneTable) {
  EXPECT_FALSE(read(4));
  EXPECT_FALSE(read(6));
  EXPECT_FALSE(read(5, "id-2"));
  const std::string run = "run-2";
  const std::string table = "orders";
  const std::string id = "id-1";
  EXPECT_FALSE(read_changed_rows(store, {run, table, id, 5, schema}).value());
}

TEST_F(ChangedRowsTest, OfOtherColumnsAreNone) {
  schema.fields.front().type = {base::TypeKind::kInt32};
  EXPECT_FALSE(read());
  schema.fields.pop_back();
  EXPECT_FALSE(read());
}

TEST_F(ChangedRowsTest, WhatIsDamagedOrMissingIsNone) {
  const std::string arrow_path = "runs/run-1/handover/orders.changes.arrow";
  const std::string json_path = "runs/run-1/handover/orders.changes.json";
  const auto bytes = store.read(arrow_path).value();
  const auto json = store.read(json_path).value();
  auto flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 1);
  for (const auto& wrong : {flipped, bytes.substr(0, bytes.size() - 1), std::string()}) {
    ASSERT_TRUE(store.write(arrow_path, wrong).ok());
    EXPECT_FALSE(read());
  }
  ASSERT_TRUE(store.write(arrow_path, bytes).ok());
  for (std::size_t length = 0; length + 2 < json.size(); length += 5) {
    ASSERT_TRUE(store.write(json_path, json.substr(0, length)).ok());
    EXPECT_FALSE(read()) << length;
  }
  ASSERT_TRUE(store.write(json_path, json).ok());
  EXPECT_TRUE(read());
  ASSERT_TRUE(remove_handover(store, "run-1").ok());
  EXPECT_FALSE(read());
}

}  // namespace
}  // namespace ashore::delta
