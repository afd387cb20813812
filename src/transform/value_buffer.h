// ValueBuffer collects the values of one column of a batch and makes them an Arrow array at once.
#pragma once

#include <arrow/type_fwd.h>

#include <bit>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/schema.h"

namespace ashore::transform {

// Arrow's builders check their room and report for each of a value's buffers; here a value is one
// word or one view. Threads: one at a time. Movable.
class ValueBuffer {
 public:
  explicit ValueBuffer(base::ColumnType type);
  ~ValueBuffer();
  ValueBuffer(ValueBuffer&&) noexcept;
  ValueBuffer& operator=(ValueBuffer&&) noexcept;

  [[nodiscard]] std::int64_t length() const {
    return static_cast<std::int64_t>(is_text() ? texts_.size() : words_.size() / words_a_value());
  }

  void append_null() {
    nulls_.push_back(length());
    if (is_text()) {
      texts_.emplace_back();
    } else {
      words_.push_back(0);
      if (type_.kind == base::TypeKind::kDecimal) words_.push_back(0);
    }
  }

  // Precondition, each: the column has this type (texts and json are texts, instants are 64-bit
  // integers and dates 32-bit ones, as columnar::arrow_type has them).
  void append_boolean(bool value) { words_.push_back(value ? 1 : 0); }
  void append_integer(std::int64_t value) { words_.push_back(value); }
  void append_double(double value) { words_.push_back(std::bit_cast<std::int64_t>(value)); }
  void append_decimal(const arrow::Decimal128& value);
  // The text is viewed: it must outlive finish().
  void append_text(std::string_view text) { texts_.push_back(text); }
  // The text is copied.
  void append_own_text(std::string_view text) { texts_.push_back(own_.emplace_back(text)); }

  // The array of all values; the buffer is empty afterwards. kTransient: out of memory;
  // kPermanent: over 2 GiB of text.
  base::Result<std::shared_ptr<arrow::Array>> finish();

 private:
  [[nodiscard]] bool is_text() const {
    return type_.kind == base::TypeKind::kString || type_.kind == base::TypeKind::kJson;
  }
  [[nodiscard]] std::size_t words_a_value() const {
    return type_.kind == base::TypeKind::kDecimal ? 2 : 1;
  }

  base::ColumnType type_;
  std::vector<std::int64_t> words_;      // all but texts; a decimal has two, the low one first
  std::vector<std::string_view> texts_;  // texts
  std::vector<std::int64_t> nulls_;      // rows, ascending
  std::deque<std::string> own_;          // stable addresses
  std::shared_ptr<arrow::DataType> arrow_type_;
};

}  // namespace ashore::transform
