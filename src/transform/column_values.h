// The values of one column of a batch: JSON text in, an Arrow array out, exact or refused.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_format.h"
#include "base/time_zone.h"
#include "config/pipeline.h"
#include "transform/rule.h"
#include "transform/value_buffer.h"

namespace ashore::transform {

// Threads: one at a time. Movable.
class ColumnValues {
 public:
  // Precondition: the reader of the pipeline file accepted the column's format and zone.
  explicit ColumnValues(const config::Column& column);
  ~ColumnValues();
  ColumnValues(ColumnValues&&) noexcept;
  ColumnValues& operator=(ColumnValues&&) noexcept;

  // Appends the value of an exact JSON text, written as the column's `from`, `format` and zone say;
  // the text must outlive finish(). What the type refuses is appended as null and the reason
  // returned. JSON null, and a text of `null_when`, is the column's default, or null.
  Rule append(std::string_view json, bool has_escapes) {
    return !has_escapes && append_quickly(json) ? Rule::kNone : append_any(json);
  }
  // Appends what stands for an absent path: the default, or null.
  Rule append_absent();
  void append_null() { values_.append_null(); }
  // Precondition: an int32 or int64 column.
  void append_integer(std::int64_t value) { values_.append_integer(value); }

  // The array of all values; the column is empty afterwards. Errors as ValueBuffer::finish().
  base::Result<std::shared_ptr<arrow::Array>> finish() { return values_.finish(); }

 private:
  // Columns without default, format and the like, whose usual values need no look at the rest.
  enum class Quick : std::uint8_t { kNone, kText, kRaw, kBoolean, kInteger };
  static Quick quick_of(const config::Column& column);

  // Appends a usual value of such a column; false: nothing was appended. The text is JSON, so that
  // its first character and its length tell `null`, `true` and `false`.
  bool append_quickly(std::string_view json) {
    if (quick_ == Quick::kNone || json.empty()) return false;
    const char first = json.front();
    if (first == 'n') {
      values_.append_null();
      return true;
    }
    switch (quick_) {
      case Quick::kText:
        if (first != '"' || json.size() < 2) return false;
        values_.append_text(json.substr(1, json.size() - 2));
        return true;
      case Quick::kRaw:
        values_.append_text(json);
        return true;
      case Quick::kBoolean:
        if (first != 't' && first != 'f') return false;
        values_.append_boolean(first == 't');
        return true;
      default:
        return append_digits(json);
    }
  }
  // Whole numbers of few digits without a sign, which every integer type holds.
  bool append_digits(std::string_view json) {
    constexpr std::size_t kDigitsMax = 9;
    if (json.size() > kDigitsMax || (json.front() == '0' && json.size() > 1)) return false;
    std::int64_t value = 0;
    for (const char digit : json) {
      if (digit < '0' || digit > '9') return false;
      value = value * 10 + (digit - '0');
    }
    values_.append_integer(value);
    return true;
  }

  Rule append_any(std::string_view json);
  Rule append_written(std::string_view json);
  Rule append_unix_time(std::string_view json);
  Rule append_formatted(std::string_view text);
  Rule append_instant(base::Timestamp time, bool has_zone);
  void append_micros(base::Timestamp time);
  [[nodiscard]] bool stands_for_null(std::string_view json);
  // As the type itself is written in JSON.
  Rule append_value(std::string_view json);
  Rule append_text(std::string_view json);
  Rule append_raw(std::string_view json);
  Rule append_boolean(std::string_view json);
  Rule append_number(std::string_view json);
  Rule append_moment(std::string_view json);
  // The text of a JSON string, in `raw` or in scratch_.
  Rule text_of(std::string_view json, std::string_view* text);

  Quick quick_;
  ValueBuffer values_;
  base::ColumnType type_;
  base::ZoneRule zone_;
  config::From from_;
  std::vector<std::string> null_when_;
  std::optional<base::TimeFormat> format_;
  std::optional<base::TimeZone> time_zone_;
  std::optional<std::string> default_json_;
  std::string scratch_;
};

}  // namespace ashore::transform
