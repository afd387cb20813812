// What is decoded is what was encoded; damage is an error.
#include "columnar/row_file.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/row_stream.h"

namespace ashore::columnar {
namespace {

std::shared_ptr<arrow::Table> some_rows() {
  arrow::StringBuilder texts;
  arrow::Int64Builder numbers;
  EXPECT_TRUE(texts.AppendValues({"a", "b", "c"}).ok());
  EXPECT_TRUE(numbers.AppendNull().ok());
  EXPECT_TRUE(numbers.AppendValues({2, 3}).ok());
  const auto schema = arrow::schema(
      {arrow::field("t", arrow::utf8(), false), arrow::field("n", arrow::int64(), true)});
  return arrow::Table::Make(schema, {texts.Finish().ValueOrDie(), numbers.Finish().ValueOrDie()});
}

std::string encoded(const arrow::Table& rows) {
  std::string bytes;
  const TakeBytes take = [&](std::string_view some) -> base::Status {
    bytes += some;
    return {};
  };
  const auto stream = RowStream::open(rows.schema(), take, RowFormat::kFile).value();
  EXPECT_TRUE(stream->write(rows).ok());
  EXPECT_TRUE(stream->close().ok());
  return bytes;
}

base::Result<std::shared_ptr<arrow::Table>> decoded(std::string bytes) {
  return read_row_file(std::make_shared<io::OwnedBytes>(std::move(bytes)));
}

TEST(RowFileTest, RowsComeBackAsTheyWere) {
  const auto rows = some_rows();
  const auto read = decoded(encoded(*rows)).value();
  EXPECT_TRUE(read->Equals(*rows));
  EXPECT_TRUE(read->schema()->Equals(*rows->schema()));
  EXPECT_EQ(decoded(encoded(*rows->Slice(0, 0))).value()->num_rows(), 0);
}

TEST(RowFileTest, EqualRowsHaveEqualBytes) {
  EXPECT_EQ(encoded(*some_rows()), encoded(*some_rows()));
}

TEST(RowFileTest, WhatIsCutOrNoSuchFileIsAnError) {
  const auto bytes = encoded(*some_rows());
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    EXPECT_FALSE(decoded(bytes.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(decoded("{\"a\": 1}").ok());
}

}  // namespace
}  // namespace ashore::columnar
