// Reads JSON texts into a column's buffer, one switch over the column's type per value.
// No virtual call and no object stand between the text and the array.
#include "transform/column_values.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <limits>
#include <utility>

#include "base/timestamp.h"
#include "columnar/arrow_schema.h"
#include "transform/json_text.h"
#include "transform/number.h"

namespace ashore::transform {

ColumnValues::Quick ColumnValues::quick_of(const config::Column& column) {
  const bool is_as_written = column.from == config::From::kJson && column.format.empty() &&
                             column.null_when.empty() && !column.default_json;
  if (!is_as_written) return Quick::kNone;
  switch (column.type.kind) {
    case base::TypeKind::kString:
      return Quick::kText;
    case base::TypeKind::kJson:
      return Quick::kRaw;
    case base::TypeKind::kBoolean:
      return Quick::kBoolean;
    case base::TypeKind::kInt32:
    case base::TypeKind::kInt64:
      return Quick::kInteger;
    default:
      return Quick::kNone;
  }
}

ColumnValues::ColumnValues(const config::Column& column)
    : quick_(quick_of(column)),
      values_(column.type),
      type_(column.type),
      zone_(column.zone),
      from_(column.from),
      null_when_(column.null_when),
      default_json_(column.default_json) {
  if (!column.format.empty()) format_ = base::TimeFormat::parse(column.format).value();
  if (!column.time_zone.empty()) time_zone_ = base::TimeZone::find(column.time_zone).value();
}

ColumnValues::~ColumnValues() = default;
ColumnValues::ColumnValues(ColumnValues&&) noexcept = default;
ColumnValues& ColumnValues::operator=(ColumnValues&&) noexcept = default;

Rule ColumnValues::append_any(std::string_view json) {
  if (json == "null" || stands_for_null(json)) return append_absent();
  const auto rule = append_written(json);
  if (rule != Rule::kNone) append_null();
  return rule;
}

Rule ColumnValues::append_absent() {
  auto rule = Rule::kNone;
  const bool has_default = default_json_ && *default_json_ != "null";
  if (has_default) rule = append_value(*default_json_);
  if (!has_default || rule != Rule::kNone) append_null();
  return rule;
}

bool ColumnValues::stands_for_null(std::string_view json) {
  if (null_when_.empty()) return false;
  std::string_view text;
  return text_of(json, &text) == Rule::kNone &&
         std::ranges::find(null_when_, text) != null_when_.end();
}

Rule ColumnValues::append_written(std::string_view json) {
  const bool is_text = json.starts_with('"');
  std::string_view text;
  switch (from_) {
    case config::From::kJson:
      break;
    case config::From::kText:
      if (!is_text) break;
      if (const auto rule = text_of(json, &text); rule != Rule::kNone) return rule;
      return append_number(text);
    case config::From::kNumber: {
      std::int64_t bit = 0;
      if (read_integer(json, 0, 1, &bit) != Rule::kNone) break;
      values_.append_boolean(bit == 1);
      return Rule::kNone;
    }
    case config::From::kUnixSeconds:
    case config::From::kUnixMillis:
    case config::From::kUnixMicros:
      return append_unix_time(json);
  }
  if (!format_) return append_value(json);
  if (const auto rule = text_of(json, &text); rule != Rule::kNone) return rule;
  return append_formatted(text);
}

Rule ColumnValues::append_unix_time(std::string_view json) {
  // As decimal first: 1e9 and 1.5 are Unix times too, and no binary fraction rounds.
  constexpr int kDigitsMax = 38;
  const int scale = from_ == config::From::kUnixSeconds  ? 6
                    : from_ == config::From::kUnixMillis ? 3
                                                         : 0;
  arrow::Decimal128 micros;
  const auto rule = read_decimal(json, kDigitsMax, scale, &micros);
  if (rule != Rule::kNone) return rule;
  // Years 1 to 9999, as texts may say: four digits.
  static const arrow::Decimal128 kFirst(
      base::micros_of(base::Timestamp(base::Date(std::chrono::year(1) / 1 / 1))));
  static const arrow::Decimal128 kPastLast(
      base::micros_of(base::Timestamp(base::Date(std::chrono::year(10'000) / 1 / 1))));
  if (micros < kFirst || micros >= kPastLast) return Rule::kOutOfRange;
  append_micros(base::timestamp_of_micros(static_cast<std::int64_t>(micros.low_bits())));
  return Rule::kNone;
}

Rule ColumnValues::append_formatted(std::string_view text) {
  const auto read = format_->read(text);
  const bool is_date = type_.kind == base::TypeKind::kDate;
  if (!read.ok()) return is_date ? Rule::kBadDate : Rule::kBadTimestamp;
  if (!is_date) return append_instant(read.value().time, read.value().has_zone);
  const auto days = base::date_of(read.value().time).time_since_epoch().count();
  values_.append_integer(days);
  return Rule::kNone;
}

// A time without a zone is one of the column's zone, or UTC where the column says so.
Rule ColumnValues::append_instant(base::Timestamp time, bool has_zone) {
  if (!has_zone && time_zone_) {
    const auto instant = time_zone_->instant_of(time);
    if (!instant.ok()) return Rule::kBadLocalTime;
    time = instant.value();
  } else if (!has_zone && zone_ == base::ZoneRule::kRequired) {
    return Rule::kBadTimestamp;
  }
  append_micros(time);
  return Rule::kNone;
}

void ColumnValues::append_micros(base::Timestamp time) {
  values_.append_integer(base::micros_of(time));
}

Rule ColumnValues::append_value(std::string_view json) {
  switch (type_.kind) {
    case base::TypeKind::kString:
      return append_text(json);
    case base::TypeKind::kJson:
      return append_raw(json);
    case base::TypeKind::kBoolean:
      return append_boolean(json);
    case base::TypeKind::kDate:
    case base::TypeKind::kTimestamp:
      return append_moment(json);
    default:
      return append_number(json);
  }
}

Rule ColumnValues::text_of(std::string_view json, std::string_view* text) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return Rule::kWrongType;
  *text = json.substr(1, json.size() - 2);
  if (!has_escape(*text)) return Rule::kNone;
  const auto rule = unescape(*text, &scratch_);
  *text = scratch_;
  return rule;
}

Rule ColumnValues::append_text(std::string_view json) {
  std::string_view text;
  const auto rule = text_of(json, &text);
  if (rule != Rule::kNone) return rule;
  const bool is_unescaped = text.data() == scratch_.data();
  is_unescaped ? values_.append_own_text(text) : values_.append_text(text);
  return rule;
}

Rule ColumnValues::append_raw(std::string_view json) {
  const auto rule = has_escape(json) ? check_escapes(json) : Rule::kNone;
  if (rule == Rule::kNone) values_.append_text(json);
  return rule;
}

Rule ColumnValues::append_boolean(std::string_view json) {
  if (json != "true" && json != "false") return Rule::kWrongType;
  values_.append_boolean(json == "true");
  return Rule::kNone;
}

Rule ColumnValues::append_number(std::string_view json) {
  auto rule = Rule::kNone;
  if (type_.kind == base::TypeKind::kFloat64) {
    double value = 0;
    rule = read_double(json, &value);
    if (rule == Rule::kNone) values_.append_double(value);
  } else if (type_.kind == base::TypeKind::kDecimal) {
    arrow::Decimal128 value;
    rule = read_decimal(json, type_.precision, type_.scale, &value);
    if (rule == Rule::kNone) values_.append_decimal(value);
  } else {
    using Small = std::numeric_limits<std::int32_t>;
    using Large = std::numeric_limits<std::int64_t>;
    const bool is_small = type_.kind == base::TypeKind::kInt32;
    std::int64_t value = 0;
    rule = read_integer(json, is_small ? Small::min() : Large::min(),
                        is_small ? Small::max() : Large::max(), &value);
    if (rule == Rule::kNone) append_integer(value);
  }
  return rule;
}

Rule ColumnValues::append_moment(std::string_view json) {
  std::string_view text;
  const auto rule = text_of(json, &text);
  if (rule != Rule::kNone) return rule;
  if (type_.kind == base::TypeKind::kDate) {
    const auto date = base::parse_date(text);
    if (!date.ok()) return Rule::kBadDate;
    const auto days = date.value().time_since_epoch().count();
    values_.append_integer(days);
    return Rule::kNone;
  }
  if (const auto timestamp = base::parse_timestamp(text, zone_); timestamp.ok()) {
    append_micros(timestamp.value());
    return Rule::kNone;
  }
  if (!time_zone_) return Rule::kBadTimestamp;
  const auto local = base::parse_timestamp(text, base::ZoneRule::kAssumeUtc);
  return local.ok() ? append_instant(local.value(), false) : Rule::kBadTimestamp;
}

}  // namespace ashore::transform
