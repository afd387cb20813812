// The vector of docs/formats/canonical-rows.md, and what a sum must and must not see.
#include "columnar/row_sum.h"

#include <limits>

#include "columnar/testing/tables.h"

namespace ashore::columnar {
namespace {

base::Schema readings() {
  return {{field_of("sensor", "string"), field_of("taken_at", "timestamp"), field_of("day", "date"),
           field_of("count", "int32"), field_of("total", "int64"), field_of("level", "float64"),
           field_of("price", "decimal(38,9)"), field_of("is_valid", "boolean"),
           field_of("raw", "json")}};
}

TEST(RowSumTest, TheSumIsAsTheIndependentScriptSays) {
  const auto table = table_of(
      readings(), {R"(["Größe 1", "z"])", "[1667260800123456, -1]", "[19297, -1]",
                   "[-1, -2147483648]", "[9223372036854775807, -9223372036854775808]",
                   "[-0.0, 0.1]", R"(["-0.000000001", "99999999999999999999999999999.999999999"])",
                   "[true, false]", R"(["{\"a\": [1, null]}", null])"});
  const auto hashes = row_hashes(*table, readings());
  ASSERT_EQ(hashes.size(), 2U);
  EXPECT_EQ(to_hex(hashes[0]), "1c9bdc7c4eaa6030c97c5602e1abb72b");
  RowSum sum;
  sum.add(hashes[1]);
  sum.add(hashes[0]);
  EXPECT_EQ(sum.rows, 2);
  EXPECT_EQ(to_hex(sum.sum), "7352006ff19d5d59cbfd04b662fae158");
}

TEST(RowSumTest, TheSumCarriesAndWraps) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  RowSum sum;
  sum.add(RowHash{kMost, 0});
  sum.add(RowHash{1, 0});
  EXPECT_EQ(sum.sum, (RowHash{0, 1}));
  RowSum other;
  other.add(RowHash{0, kMost});
  sum.add(other);
  EXPECT_EQ(sum.sum, (RowHash{0, 0}));
  EXPECT_EQ(sum.rows, 3);
}

TEST(RowSumTest, TwoEqualRowsAreNotNone) {
  const base::Schema schema{{field_of("order_id", "string")}};
  RowSum sum;
  for (const auto& hash : row_hashes(*table_of(schema, {R"(["A-1", "A-1"])"}), schema)) {
    sum.add(hash);
  }
  EXPECT_NE(sum, RowSum{});
  EXPECT_NE(sum.sum, RowHash{});
}

}  // namespace
}  // namespace ashore::columnar
