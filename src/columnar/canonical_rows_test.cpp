// The vectors of docs/formats/canonical-rows.md, and what the digest must and must not see.
#include "columnar/canonical_rows.h"

#include <algorithm>

#include "columnar/testing/tables.h"

namespace ashore::columnar {
namespace {

base::Schema orders() {
  return {{field_of("order_id", "string", false), field_of("amount", "decimal(10,2)"),
           field_of("is_paid", "boolean")}};
}

base::Schema readings() {
  return {{field_of("sensor", "string"), field_of("taken_at", "timestamp"), field_of("day", "date"),
           field_of("count", "int32"), field_of("total", "int64"), field_of("level", "float64"),
           field_of("price", "decimal(38,9)"), field_of("is_valid", "boolean"),
           field_of("raw", "json")}};
}

std::string digest_of(const arrow::Table& table, const base::Schema& schema) {
  return base::to_hex(canonical_digest(table, schema));
}

TEST(CanonicalRowsTest, AnEmptyTableHasTheDigestOfItsSchema) {
  EXPECT_EQ(digest_of(*table_of(orders(), {"[]", "[]", "[]"}), orders()),
            "a7fa9224e80d33763ebc9adb29a09a8947d432c1955ddfc74f79ee169152b831");
}

TEST(CanonicalRowsTest, OneRowIsAsTheIndependentScriptSays) {
  const auto table = table_of(orders(), {R"(["A-1"])", R"(["12.30"])", "[null]"});
  EXPECT_EQ(digest_of(*table, orders()),
            "1af227746c42952f381fcec4deb9a3537d278957a5d117b7004164e770ac94b3");
  std::vector<std::string> rows;
  canonical_rows(*table, orders(), &rows);
  ASSERT_EQ(rows.size(), 1U);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(rows[0].data());
  EXPECT_EQ(
      base::to_hex(std::span<const std::uint8_t>(bytes, rows[0].size())),
      "06000000616d6f756e740d000000646563696d616c2831302c322900ce040000000000000000000000000000"
      "0700000069735f7061696407000000626f6f6c65616e01080000006f726465725f69640600000073747269"
      "6e670003000000412d31");
}

std::shared_ptr<arrow::Table> all_types() {
  return table_of(readings(),
                  {R"(["Größe 1", "z"])", "[1667260800123456, -1]", "[19297, -1]",
                   "[-1, -2147483648]", "[9223372036854775807, -9223372036854775808]",
                   "[-0.0, 0.1]", R"(["-0.000000001", "99999999999999999999999999999.999999999"])",
                   "[true, false]", R"(["{\"a\": [1, null]}", null])"});
}

TEST(CanonicalRowsTest, EveryTypeIsAsTheIndependentScriptSays) {
  EXPECT_EQ(digest_of(*all_types(), readings()),
            "61f27c2492e5aa07d76d63c8339e24311530f5e2f8fd152bf7f6184dc6879198");
}

TEST(CanonicalRowsTest, ChunksAndColumnOrderDoNotCount) {
  const auto table = all_types();
  const auto chunked = *arrow::ConcatenateTables({table->Slice(0, 1), table->Slice(1, 1)});
  EXPECT_EQ(digest_of(*chunked, readings()), digest_of(*table, readings()));
  auto reversed = readings();
  std::ranges::reverse(reversed.fields);
  EXPECT_EQ(digest_of(*table, reversed), digest_of(*table, readings()));
}

TEST(CanonicalRowsTest, ANullDiffersFromAnEmptyText) {
  const base::Schema schema{{field_of("note", "string")}};
  EXPECT_NE(digest_of(*table_of(schema, {"[null]"}), schema),
            digest_of(*table_of(schema, {R"([""])"}), schema));
}

}  // namespace
}  // namespace ashore::columnar
