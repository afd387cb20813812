// OrderedValues compares the values of a column by size, nulls before all others.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <arrow/type_fwd.h>
#include <arrow/util/decimal.h>

namespace ashore::columnar {

// A copy of a column's values. Precondition: int32, int64, date, timestamp or decimal. Threads:
// read only once made.
class OrderedValues {
 public:
  explicit OrderedValues(const arrow::ChunkedArray& column);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
  // Nothing for null. Dates are days, timestamps microseconds, decimals unscaled.
  [[nodiscard]] const std::optional<arrow::Decimal128>& at(std::int64_t row) const {
    return values_[static_cast<std::size_t>(row)];
  }
  // Whether the value of `row` is smaller than that of `other_row` in a column of the same type.
  [[nodiscard]] bool is_less(std::int64_t row, const OrderedValues& other,
                             std::int64_t other_row) const;

 private:
  std::vector<std::optional<arrow::Decimal128>> values_;
};

}  // namespace ashore::columnar
