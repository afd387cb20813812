// The numbers are a PostgreSQL 15's own, asked by psql.
#include "warehouse/postgres_hash.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/arrow_schema.h"

namespace ashore::warehouse {
namespace {

std::int64_t text_hash(std::string_view text) {
  return static_cast<std::int64_t>(postgres_text_hash(text));
}

TEST(PostgresHash, TextsHaveTheServersHash) {
  EXPECT_EQ(text_hash(""), -6'939'563'903'564'495'251);
  EXPECT_EQ(text_hash("a"), 3'591'986'179'850'072'241);
  EXPECT_EQ(text_hash("twelve bytes"), -7'123'776'401'673'968'163);
  EXPECT_EQ(text_hash("PostgreSQL' s own words"), 106'302'524'351'630'722);
}

TEST(PostgresHash, RowsHaveTheServersHash) {
  using base::TypeKind;
  const base::Schema schema{{{"flag", {TypeKind::kBoolean}},
                             {"small", {TypeKind::kInt32}},
                             {"large", {TypeKind::kInt64}},
                             {"double", {TypeKind::kFloat64}},
                             {"day", {TypeKind::kDate}},
                             {"time", {TypeKind::kTimestamp}},
                             {"text", {TypeKind::kString}},
                             {"amount", {TypeKind::kDecimal, 9, 2}},
                             {"nothing", {TypeKind::kInt32}}}};
  const auto array = [](auto&& builder, auto value) {
    EXPECT_TRUE(builder.Append(value).ok());
    return builder.Finish().ValueOrDie();
  };
  arrow::Int32Builder nothing;
  ASSERT_TRUE(nothing.AppendNull().ok());
  auto* const pool = arrow::default_memory_pool();
  const auto rows = arrow::Table::Make(
      columnar::arrow_schema(schema),
      {array(arrow::BooleanBuilder(), true), array(arrow::Int32Builder(), 7),
       array(arrow::Int64Builder(), -5'000'000'000), array(arrow::DoubleBuilder(), 0.5),
       array(arrow::Date32Builder(), 19'297),
       array(arrow::TimestampBuilder(columnar::arrow_type({TypeKind::kTimestamp}), pool),
             1'667'260'800'000'000),
       array(arrow::StringBuilder(), "x"),
       array(arrow::Decimal128Builder(arrow::decimal128(9, 2)), arrow::Decimal128(-150)),
       nothing.Finish().ValueOrDie()});
  const auto hashes = postgres_record_hashes(*rows, schema);
  ASSERT_EQ(hashes.size(), 1U);
  EXPECT_EQ(static_cast<std::int64_t>(hashes[0]), -300'517'065'528'656'907);
}

}  // namespace
}  // namespace ashore::warehouse
