// A handover gives exactly the rows of the files that it names, or nothing.
#include "delta/handover.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/arrow_schema.h"
#include "io/memory_store.h"

namespace ashore::delta {
namespace {

using testing::IsEmpty;

class HandoverTest : public testing::Test {
 protected:
  HandoverTest() {
    schema.fields = {{"id", {base::TypeKind::kInt64}, false},
                     {"note", {base::TypeKind::kString}, true}};
    arrow::Int64Builder ids;
    arrow::StringBuilder notes;
    EXPECT_TRUE(ids.AppendValues({1, 2, 3}).ok());
    EXPECT_TRUE(notes.AppendValues({"a", "b", "c"}).ok());
    rows = arrow::Table::Make(columnar::arrow_schema(schema),
                              {ids.Finish().ValueOrDie(), notes.Finish().ValueOrDie()});
    files = {file('0', 2), file('1', 1)};
    write();
  }

  static AddFile file(char digit, std::int64_t rows) {
    AddFile file;
    file.path = "p=1/part-" + std::string(32, digit) + ".parquet";
    file.rows = rows;
    return file;
  }
  void write(std::size_t bytes_max = 1 << 20) {
    auto writer = HandoverWriter::open(store, schema, bytes_max).value();
    EXPECT_TRUE(writer.append(rows->Slice(0, 1)).ok());
    EXPECT_TRUE(writer.append(rows->Slice(1)).ok());
    std::vector<HandedFile> handed;
    for (const auto& file : files) handed.push_back({file.path, file.rows});
    EXPECT_TRUE(writer.finish("run-1", "orders", handed).ok());
  }
  std::optional<Handover> read() {
    return read_handover(store, "run-1", "orders", schema, HandoverBytes::kToBeVerified).value();
  }

  io::MemoryStore store;
  base::Schema schema;
  std::shared_ptr<arrow::Table> rows;
  std::vector<AddFile> files;
};

TEST_F(HandoverTest, GivesTheRowsOfAFile) {
  const auto handover = read();
  ASSERT_TRUE(handover);
  const auto place = handover->find(files[1]);
  ASSERT_TRUE(place);
  const auto part = handover->slice(*place, {"note"});
  EXPECT_EQ(part->num_rows(), 1);
  EXPECT_EQ(part->column(0)->GetScalar(0).ValueOrDie()->ToString(), "c");
}

TEST_F(HandoverTest, KnowsNoOtherFile) {
  const auto handover = read();
  EXPECT_FALSE(handover->find(file('2', 1)));
  EXPECT_FALSE(handover->find(file('1', 2))) << "another number of rows";
  auto plain = files[0];
  plain.path = "data.parquet";
  EXPECT_FALSE(handover->find(plain));
}

TEST_F(HandoverTest, WhatIsDamagedOrMissingIsNone) {
  const std::string arrow_path = "runs/run-1/handover/orders.arrow";
  const std::string json_path = "runs/run-1/handover/orders.json";
  const auto bytes = store.read(arrow_path).value();
  auto flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 1);
  for (const auto& wrong : {flipped, bytes.substr(0, bytes.size() - 1), std::string()}) {
    ASSERT_TRUE(store.write(arrow_path, wrong).ok());
    EXPECT_FALSE(read());
  }
  ASSERT_TRUE(store.write(arrow_path, bytes).ok());
  EXPECT_TRUE(read());
  const auto text = store.read(json_path).value();
  for (const std::string wrong :
       {"", "[]", "{\"format\":\"ashore.handover/9\"}", "{\"format\":1}"}) {
    ASSERT_TRUE(store.write(json_path, wrong).ok());
    EXPECT_FALSE(read()) << wrong;
  }
  ASSERT_TRUE(store.write(json_path, text).ok());
  ASSERT_TRUE(store.remove(arrow_path).ok());
  EXPECT_FALSE(read());
}

TEST_F(HandoverTest, OtherColumnsOrTypesAreNone) {
  schema.fields.push_back({"new", {base::TypeKind::kInt64}, true});
  EXPECT_FALSE(read());
  schema.fields.pop_back();
  schema.fields[1].type = {base::TypeKind::kInt32};
  EXPECT_FALSE(read());
  schema.fields[1].type = {base::TypeKind::kJson};
  EXPECT_TRUE(read()) << "json is text here";
}

TEST_F(HandoverTest, RowsThatAreManyAreWrittenTheSame) {
  const auto path = "runs/run-1/handover/orders.arrow";
  const auto bytes = store.read(path).value();
  write(0);
  EXPECT_EQ(store.read(path).value(), bytes);
}

}  // namespace
}  // namespace ashore::delta
