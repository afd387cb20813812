// What is decoded is what was encoded; damage is an error.
#include "columnar/row_file.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

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

TEST(RowFileTest, RowsComeBackAsTheyWere) {
  const auto rows = some_rows();
  const auto read = decode_rows(encode_rows(*rows).value()).value();
  EXPECT_TRUE(read->Equals(*rows));
  EXPECT_TRUE(read->schema()->Equals(*rows->schema()));
  EXPECT_EQ(decode_rows(encode_rows(*rows->Slice(0, 0)).value()).value()->num_rows(), 0);
}

TEST(RowFileTest, EqualRowsHaveEqualBytes) {
  EXPECT_EQ(encode_rows(*some_rows()).value(), encode_rows(*some_rows()).value());
}

TEST(RowFileTest, WhatIsCutOrNoSuchFileIsAnError) {
  const auto bytes = encode_rows(*some_rows()).value();
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    EXPECT_FALSE(decode_rows(bytes.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(decode_rows("{\"a\": 1}").ok());
}

}  // namespace
}  // namespace ashore::columnar
