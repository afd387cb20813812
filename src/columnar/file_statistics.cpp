// Finds a column's bounds in one pass and writes them as Delta readers expect.
#include "columnar/file_statistics.h"

#include <arrow/api.h>

#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/timestamp.h"
#include "json/text.h"

namespace ashore::columnar {

namespace {

constexpr std::size_t kTextCharactersMax = 32;
// U+10FFFF, the greatest code point: a cut text followed by it is at least the
// whole text.
constexpr std::string_view kGreatest = "\xf4\x8f\xbf\xbf";

// A column's bounds as JSON values.
struct Bounds {
  std::string least;
  std::string greatest;
};

// How many bytes the first 32 code points take.
std::size_t cut_length(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool begins = (static_cast<unsigned char>(text[index]) & 0xc0) != 0x80;
    if (begins && characters++ == kTextCharactersMax) return index;
  }
  return text.size();
}

// The least and the greatest value of a column, by the array's own view type.
template <typename ArrayType>
auto range_of(const arrow::ChunkedArray& column) {
  using View = decltype(std::declval<const ArrayType&>().GetView(0));
  std::optional<std::pair<View, View>> range;
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const ArrayType&>(*chunk);
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsNull(row)) continue;
      const View value = array.GetView(row);
      if (!range) range.emplace(value, value);
      if (value < range->first) range->first = value;
      if (range->second < value) range->second = value;
    }
  }
  return range;
}

std::optional<Bounds> text_bounds(const arrow::ChunkedArray& column) {
  const auto range = range_of<arrow::StringArray>(column);
  if (!range) return std::nullopt;
  const auto least = range->first.substr(0, cut_length(range->first));
  const auto length = cut_length(range->second);
  std::string greatest(range->second.substr(0, length));
  if (length < range->second.size()) {
    if (range->second.substr(length).starts_with(kGreatest)) return std::nullopt;
    greatest += kGreatest;
  }
  return Bounds{json::string_text(least), json::string_text(greatest)};
}

template <typename ArrayType>
std::optional<Bounds> integer_bounds(const arrow::ChunkedArray& column) {
  const auto range = range_of<ArrayType>(column);
  if (!range) return std::nullopt;
  return Bounds{std::to_string(range->first), std::to_string(range->second)};
}

std::string double_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value == 0 ? 0.0 : value).ptr;
  std::string text(buffer, end);
  // Delta writes doubles with a point; an integer-looking text would be read
  // all the same.
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::optional<Bounds> double_bounds(const arrow::ChunkedArray& column) {
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const arrow::DoubleArray&>(*chunk);
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsValid(row) && !std::isfinite(array.Value(row))) return std::nullopt;
    }
  }
  const auto range = range_of<arrow::DoubleArray>(column);
  if (!range) return std::nullopt;
  return Bounds{double_text(range->first), double_text(range->second)};
}

// All digits, never with an exponent: not every reader takes one here.
std::string decimal_text(const arrow::Decimal128& value, int scale) {
  std::string digits = arrow::Decimal128(arrow::Decimal128::Abs(value)).ToIntegerString();
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return value.Sign() < 0 ? "-" + digits : digits;
}

std::optional<Bounds> decimal_bounds(const arrow::ChunkedArray& column, int scale) {
  std::optional<std::pair<arrow::Decimal128, arrow::Decimal128>> range;
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const arrow::Decimal128Array&>(*chunk);
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsNull(row)) continue;
      const arrow::Decimal128 value(array.GetValue(row));
      if (!range) range.emplace(value, value);
      if (value < range->first) range->first = value;
      if (range->second < value) range->second = value;
    }
  }
  if (!range) return std::nullopt;
  return Bounds{decimal_text(range->first, scale), decimal_text(range->second, scale)};
}

std::optional<Bounds> date_bounds(const arrow::ChunkedArray& column) {
  const auto range = range_of<arrow::Date32Array>(column);
  if (!range) return std::nullopt;
  const auto text = [](std::int32_t days) {
    return json::string_text(base::format_date(base::Date(std::chrono::days(days))));
  };
  return Bounds{text(range->first), text(range->second)};
}

// Delta keeps milliseconds: the least is rounded down, the greatest up.
std::optional<Bounds> timestamp_bounds(const arrow::ChunkedArray& column) {
  const auto range = range_of<arrow::TimestampArray>(column);
  if (!range) return std::nullopt;
  using std::chrono::milliseconds;
  const base::Timestamp least =
      std::chrono::floor<milliseconds>(base::timestamp_of_micros(range->first));
  const base::Timestamp greatest =
      std::chrono::ceil<milliseconds>(base::timestamp_of_micros(range->second));
  // The last millisecond of the year 9999 has no next one that a text could name.
  if (greatest >= base::Date(std::chrono::year(10'000) / 1 / 1)) return std::nullopt;
  return Bounds{json::string_text(base::format_timestamp_millis(least)),
                json::string_text(base::format_timestamp_millis(greatest))};
}

std::optional<Bounds> bounds_of(const arrow::ChunkedArray& column, base::ColumnType type) {
  switch (type.kind) {
    case base::TypeKind::kString:
      return text_bounds(column);
    case base::TypeKind::kInt32:
      return integer_bounds<arrow::Int32Array>(column);
    case base::TypeKind::kInt64:
      return integer_bounds<arrow::Int64Array>(column);
    case base::TypeKind::kFloat64:
      return double_bounds(column);
    case base::TypeKind::kDecimal:
      return decimal_bounds(column, type.scale);
    case base::TypeKind::kDate:
      return date_bounds(column);
    case base::TypeKind::kTimestamp:
      return timestamp_bounds(column);
    case base::TypeKind::kBoolean:
    case base::TypeKind::kJson:
      return std::nullopt;
  }
  return std::nullopt;
}

void append_member(std::string_view name, std::string_view value, std::string* members) {
  if (!members->empty()) members->push_back(',');
  json::append_string(name, members);
  members->push_back(':');
  members->append(value);
}

}  // namespace

std::string delta_statistics(const arrow::Table& table, const base::Schema& schema) {
  std::string least;
  std::string greatest;
  std::string nulls;
  for (std::size_t index = 0; index < schema.fields.size(); ++index) {
    const auto& field = schema.fields[index];
    const auto& column = *table.column(static_cast<int>(index));
    append_member(field.name, std::to_string(column.null_count()), &nulls);
    const auto bounds = bounds_of(column, field.type);
    if (!bounds) continue;
    append_member(field.name, bounds->least, &least);
    append_member(field.name, bounds->greatest, &greatest);
  }
  return "{\"numRecords\":" + std::to_string(table.num_rows()) + ",\"minValues\":{" + least +
         "},\"maxValues\":{" + greatest + "},\"nullCount\":{" + nulls + "}}";
}

}  // namespace ashore::columnar
