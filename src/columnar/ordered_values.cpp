// Compares ordered values as one exact type of 128 bits.
#include "columnar/ordered_values.h"

#include <arrow/api.h>

#include <cassert>

namespace ashore::columnar {

namespace {

arrow::Decimal128 value_of(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::INT32:
      return arrow::Decimal128(static_cast<const arrow::Int32Array&>(array).Value(row));
    case arrow::Type::DATE32:
      return arrow::Decimal128(static_cast<const arrow::Date32Array&>(array).Value(row));
    case arrow::Type::INT64:
      return arrow::Decimal128(static_cast<const arrow::Int64Array&>(array).Value(row));
    case arrow::Type::TIMESTAMP:
      return arrow::Decimal128(static_cast<const arrow::TimestampArray&>(array).Value(row));
    default:
      assert(array.type_id() == arrow::Type::DECIMAL128);
      return arrow::Decimal128(static_cast<const arrow::Decimal128Array&>(array).GetValue(row));
  }
}

}  // namespace

OrderedValues::OrderedValues(const arrow::ChunkedArray& column) {
  values_.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    for (std::int64_t row = 0; row < chunk->length(); ++row) {
      values_.push_back(chunk->IsNull(row) ? std::nullopt : std::optional(value_of(*chunk, row)));
    }
  }
}

bool OrderedValues::is_less(std::int64_t row, const OrderedValues& other,
                            std::int64_t other_row) const {
  const auto& left = at(row);
  const auto& right = other.at(other_row);
  if (!right) return false;
  return !left || *left < *right;
}

}  // namespace ashore::columnar
