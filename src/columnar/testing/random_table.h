// Tables of random schemas and values for tests of what writes and reads files.
#pragma once

#include <arrow/api.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "base/schema.h"
#include "columnar/arrow_schema.h"

namespace ashore::columnar {

struct RandomTable {
  base::Schema schema;
  std::shared_ptr<arrow::Table> rows;
};

// Draws schemas of 1 to 12 columns of every type, rows with nulls, edges of ranges and repetitions.
// The same seed gives the same tables on every machine.
class RandomTables {
 public:
  explicit RandomTables(std::uint64_t seed) : engine_(seed) {}

  // Of 1 to `rows_max` rows, most of them few. Now and then a column comes in several chunks.
  RandomTable next(std::int64_t rows_max) {
    RandomTable table;
    const auto rows =
        below(4) == 0 ? 1 + below(rows_max) : 1 + below(std::min<std::int64_t>(rows_max, 8));
    const auto columns = 1 + below(12);
    arrow::ChunkedArrayVector arrays;
    for (std::int64_t index = 0; index < columns; ++index) {
      base::Field field{"c" + std::to_string(index), type(), below(3) != 0};
      arrays.push_back(column(field, rows));
      table.schema.fields.push_back(std::move(field));
    }
    table.rows = arrow::Table::Make(arrow_schema(table.schema), std::move(arrays), rows);
    return table;
  }

 private:
  // Distributions of the standard library differ from one to another; this does not.
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(end));
  }

  base::ColumnType type() {
    const auto kind = static_cast<base::TypeKind>(below(9));
    if (kind != base::TypeKind::kDecimal) return {kind};
    const int precision = static_cast<int>(1 + below(38));
    return {kind, precision, static_cast<int>(below(precision + 1))};
  }

  std::shared_ptr<arrow::ChunkedArray> column(const base::Field& field, std::int64_t rows) {
    const auto builder = arrow::MakeBuilder(arrow_type(field.type)).ValueOrDie();
    const auto null_share = field.is_nullable ? below(4) : 0;  // of 3: none, some, many, all
    for (std::int64_t row = 0; row < rows; ++row) {
      const bool is_null = below(3) < null_share;
      const auto status = is_null ? builder->AppendNull() : append(field.type, builder.get());
      if (!status.ok()) status.Abort();
    }
    const auto array = builder->Finish().ValueOrDie();
    if (rows < 2 || below(4) != 0) return std::make_shared<arrow::ChunkedArray>(array);
    const auto cut = 1 + below(rows - 1);
    return std::make_shared<arrow::ChunkedArray>(
        arrow::ArrayVector{array->Slice(0, cut), array->Slice(cut)});
  }

  arrow::Status append(base::ColumnType type, arrow::ArrayBuilder* builder) {
    switch (type.kind) {
      case base::TypeKind::kBoolean:
        return static_cast<arrow::BooleanBuilder*>(builder)->Append(below(2) == 0);
      case base::TypeKind::kInt32:
        return static_cast<arrow::Int32Builder*>(builder)->Append(integer<std::int32_t>());
      case base::TypeKind::kInt64:
        return static_cast<arrow::Int64Builder*>(builder)->Append(integer<std::int64_t>());
      case base::TypeKind::kFloat64:
        return static_cast<arrow::DoubleBuilder*>(builder)->Append(real());
      case base::TypeKind::kDecimal:
        return static_cast<arrow::Decimal128Builder*>(builder)->Append(decimal(type.precision));
      case base::TypeKind::kDate:  // the years 1 to 9999
        return static_cast<arrow::Date32Builder*>(builder)->Append(
            static_cast<std::int32_t>(below(3'652'059) - 719'162));
      case base::TypeKind::kTimestamp:
        return static_cast<arrow::TimestampBuilder*>(builder)->Append(
            below(315'537'897'600'000'000) - 62'135'596'800'000'000);
      case base::TypeKind::kString:
      case base::TypeKind::kJson:
        break;
    }
    return static_cast<arrow::StringBuilder*>(builder)->Append(text());
  }

  template <typename Integer>
  Integer integer() {
    using Limits = std::numeric_limits<Integer>;
    const std::array<Integer, 5> kEdges = {Limits::min(), Limits::max(), 0, -1, 1};
    if (below(4) == 0) return kEdges[static_cast<std::size_t>(below(5))];
    return below(2) == 0 ? static_cast<Integer>(engine_()) : static_cast<Integer>(below(10));
  }

  double real() {
    constexpr std::array<double, 6> kEdges = {
        0.0,  -0.0, std::numeric_limits<double>::max(),
        -1e3, 0.1,  std::numeric_limits<double>::denorm_min()};
    if (below(3) == 0) return kEdges[static_cast<std::size_t>(below(6))];
    return static_cast<double>(below(2'000'001) - 1'000'000) / 64;
  }

  arrow::Decimal128 decimal(int precision) {
    const int digits = static_cast<int>(1 + below(precision));
    std::string text;
    for (int digit = 0; digit < digits; ++digit) {
      text += static_cast<char>('0' + (below(4) == 0 ? 9 : below(10)));
    }
    const auto value = arrow::Decimal128::FromString(text).ValueOrDie();
    return below(2) == 0 ? value : arrow::Decimal128(-value);
  }

  std::string text() {
    constexpr std::array<const char*, 8> kParts = {"a",    "Ä", "zz", " ", "\xf0\x9f\x9a\x80",
                                                   "\x7f", "é", "0"};
    std::string value;
    const auto parts = below(6) == 0 ? below(120) : below(5);
    const auto only = static_cast<std::size_t>(below(8));
    for (std::int64_t part = 0; part < parts; ++part) {
      value += kParts[below(3) == 0 ? only : static_cast<std::size_t>(below(8))];
    }
    return value;
  }

  std::mt19937_64 engine_;
};

}  // namespace ashore::columnar
