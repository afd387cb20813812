// Key order is value order for every type, sorting is stable, and taking keeps rows whole.
#include "columnar/keys.h"

// rapidcheck/gtest.h needs gtest.h before it.
#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "columnar/testing/tables.h"

namespace ashore::columnar {
namespace {

// The order of the rows of a table with one column of `type`.
std::vector<std::int64_t> order_of(const std::string& type, const std::string& values) {
  const base::Schema schema{{field_of("key", type, false)}};
  return KeyColumn::encode(*table_of(schema, {values}), {"key"}).order();
}

using Rows = std::vector<std::int64_t>;

TEST(KeysTest, EveryTypeOrdersByValue) {
  EXPECT_EQ(order_of("int32", "[5, -1, 2147483647, -2147483648, 0]"), (Rows{3, 1, 4, 0, 2}));
  EXPECT_EQ(order_of("int64", "[1, -9223372036854775808, 9223372036854775807, -1]"),
            (Rows{1, 3, 0, 2}));
  EXPECT_EQ(order_of("float64", "[1.5, -1.5, 0.0, -2.5, 1e300]"), (Rows{3, 1, 2, 0, 4}));
  EXPECT_EQ(order_of("boolean", "[true, false]"), (Rows{1, 0}));
  EXPECT_EQ(order_of("date", "[1, -1, 0]"), (Rows{1, 2, 0}));
  EXPECT_EQ(order_of("timestamp", "[1, -1, 0]"), (Rows{1, 2, 0}));
  EXPECT_EQ(order_of("decimal(38,1)",
                     R"(["0.1", "-0.1", "9999999999999999999999999999999999999.9", "-5.0"])"),
            (Rows{3, 1, 0, 2}));
  EXPECT_EQ(order_of("string", R"(["b", "a", "", "ab", "é", "a\u0000", "z"])"),
            (Rows{2, 1, 5, 3, 0, 6, 4}));
}

TEST(KeysTest, ZeroAndMinusZeroAreOneKey) {
  const base::Schema schema{{field_of("key", "float64", false)}};
  const auto keys = KeyColumn::encode(*table_of(schema, {"[0.0, -0.0]"}), {"key"});
  EXPECT_EQ(keys.at(0), keys.at(1));
}

TEST(KeysTest, ColumnsCompareOneAfterTheOther) {
  const base::Schema schema{{field_of("a", "string", false), field_of("b", "string", false)}};
  const auto table = table_of(schema, {R"(["ab", "a", "a"])", R"(["c", "bc", "a"])"});
  const auto keys = KeyColumn::encode(*table, {"a", "b"});
  EXPECT_NE(keys.at(0), keys.at(1));
  EXPECT_EQ(keys.order(), (Rows{2, 1, 0}));
}

TEST(KeysTest, EqualKeysKeepTheTablesOrder) {
  EXPECT_EQ(order_of("int32", "[2, 1, 2, 1, 2]"), (Rows{1, 3, 0, 2, 4}));
}

TEST(KeysTest, AnEmptyTableHasNoKeys) { EXPECT_TRUE(order_of("string", "[]").empty()); }

RC_GTEST_PROP(KeysTest, AnyTextsSortLikeTheirBytes, (const std::vector<std::string>& texts)) {
  arrow::StringBuilder builder;
  RC_ASSERT(builder.AppendValues(texts).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("key", arrow::utf8(), false)}),
                                        {*builder.Finish()});
  const auto order = KeyColumn::encode(*table, {"key"}).order();
  std::vector<std::int64_t> expected(texts.size());
  for (std::size_t row = 0; row < texts.size(); ++row)
    expected[row] = static_cast<std::int64_t>(row);
  std::ranges::stable_sort(expected, {},
                           [&](std::int64_t row) { return texts[static_cast<std::size_t>(row)]; });
  RC_ASSERT(order == expected);
}

base::Schema mixed() {
  return {{field_of("text", "string"), field_of("flag", "boolean"), field_of("small", "int32"),
           field_of("large", "int64"), field_of("level", "float64"),
           field_of("price", "decimal(10,2)"), field_of("day", "date"),
           field_of("moment", "timestamp")}};
}

std::shared_ptr<arrow::Table> mixed_rows() {
  return table_of(
      mixed(), {R"(["a", null, "c"])", "[true, null, false]", "[1, null, 3]", "[1, null, 3]",
                "[0.5, null, 2.5]", R"(["1.00", null, "3.25"])", "[1, null, 3]", "[1, null, 3]"});
}

TEST(KeysTest, TakenRowsAreTheRowsAskedFor) {
  const auto table = mixed_rows();
  const auto chunked = *arrow::ConcatenateTables({table->Slice(0, 1), table->Slice(1)});
  for (const auto& source : {table, chunked}) {
    const auto taken = take_rows(*source, Rows{2, 0, 1, 0});
    ASSERT_EQ(taken->num_rows(), 4);
    const std::int64_t expected[] = {2, 0, 1, 0};
    for (std::int64_t row = 0; row < 4; ++row) {
      EXPECT_TRUE(taken->Slice(row, 1)->Equals(*table->Slice(expected[row], 1))) << row;
    }
  }
}

TEST(KeysTest, TakingNoRowsLeavesTheShape) {
  const auto taken = take_rows(*mixed_rows(), Rows{});
  EXPECT_EQ(taken->num_rows(), 0);
  EXPECT_TRUE(taken->schema()->Equals(*arrow_schema(mixed())));
}

}  // namespace
}  // namespace ashore::columnar
