// Compares two tables with one typed loop per column.
// One typed loop a column; rows already known to differ are not looked at again.
#include "columnar/rows_equal.h"

#include <arrow/api.h>

#include <cassert>
#include <memory>

namespace ashore::columnar {

namespace {

// One contiguous array: tables that are compared are small or already whole.
std::shared_ptr<arrow::Array> whole(const arrow::ChunkedArray& column) {
  if (column.num_chunks() == 1) return column.chunk(0);
  if (column.num_chunks() == 0) return *arrow::MakeArrayOfNull(column.type(), 0);
  return *arrow::Concatenate(column.chunks());
}

template <typename ArrayType>
void compare(const arrow::Array& left, const arrow::Array& right, std::vector<bool>* equal) {
  const auto& a = static_cast<const ArrayType&>(left);
  const auto& b = static_cast<const ArrayType&>(right);
  for (std::int64_t row = 0; row < a.length(); ++row) {
    const auto index = static_cast<std::size_t>(row);
    if (!(*equal)[index]) continue;
    const bool is_null = a.IsNull(row);
    const bool is_same = is_null == b.IsNull(row) && (is_null || a.GetView(row) == b.GetView(row));
    if (!is_same) (*equal)[index] = false;
  }
}

void compare_column(const arrow::Array& left, const arrow::Array& right, std::vector<bool>* equal) {
  assert(left.type_id() == right.type_id());
  switch (left.type_id()) {
    case arrow::Type::STRING:
      return compare<arrow::StringArray>(left, right, equal);
    case arrow::Type::BOOL:
      return compare<arrow::BooleanArray>(left, right, equal);
    case arrow::Type::INT32:
      return compare<arrow::Int32Array>(left, right, equal);
    case arrow::Type::INT64:
      return compare<arrow::Int64Array>(left, right, equal);
    case arrow::Type::DOUBLE:
      return compare<arrow::DoubleArray>(left, right, equal);
    case arrow::Type::DECIMAL128:
      return compare<arrow::Decimal128Array>(left, right, equal);
    case arrow::Type::DATE32:
      return compare<arrow::Date32Array>(left, right, equal);
    case arrow::Type::TIMESTAMP:
      return compare<arrow::TimestampArray>(left, right, equal);
    default:
      assert(false && "no column type of ours");
  }
}

}  // namespace

std::vector<bool> rows_equal(const arrow::Table& left, const arrow::Table& right,
                             const base::Schema& schema) {
  assert(left.num_rows() == right.num_rows());
  std::vector<bool> equal(static_cast<std::size_t>(left.num_rows()), true);
  for (const auto& field : schema.fields) {
    compare_column(*whole(*left.GetColumnByName(field.name)),
                   *whole(*right.GetColumnByName(field.name)), &equal);
  }
  return equal;
}

}  // namespace ashore::columnar
