// Formats and reads the five types that may partition a table.
#include "columnar/partition_value.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <map>

#include "base/percent_encoding.h"
#include "base/timestamp.h"
#include "columnar/arrow_schema.h"

namespace ashore::columnar {

std::optional<std::string> partition_text(const arrow::Array& column, std::int64_t row) {
  if (column.IsNull(row)) return std::nullopt;
  switch (column.type_id()) {
    // The empty text is null to every reader of Hive's folder names.
    case arrow::Type::STRING: {
      std::string text(static_cast<const arrow::StringArray&>(column).GetView(row));
      if (text.empty()) return std::nullopt;
      return text;
    }
    case arrow::Type::INT32:
      return std::to_string(static_cast<const arrow::Int32Array&>(column).Value(row));
    case arrow::Type::INT64:
      return std::to_string(static_cast<const arrow::Int64Array&>(column).Value(row));
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(column).Value(row) ? "true" : "false";
    case arrow::Type::DATE32: {
      const auto days = static_cast<const arrow::Date32Array&>(column).Value(row);
      return base::format_date(base::Date(std::chrono::days(days)));
    }
    default:
      assert(false && "the pipeline reader allows no other partition type");
      return std::nullopt;
  }
}

namespace {

using base::Result;

constexpr std::string_view kNullFolder = "__HIVE_DEFAULT_PARTITION__";

std::string hive_value(const std::optional<std::string>& value) {
  // Hive has one name for null and for the empty text; transform rejects the latter.
  if (!value || value->empty()) return std::string(kNullFolder);
  // A text that happens to be the name for null stays a text: its first byte is escaped.
  if (*value == kNullFolder) return "%5F" + value->substr(1);
  return base::percent_encoded(*value, base::PlainBytes::kHive);
}

Result<std::shared_ptr<arrow::Scalar>> partition_scalar(base::ColumnType type,
                                                        const std::string& text) {
  const auto wrong = [&] {
    return base::permanent("not a partition value of type " + base::type_name(type) + ": '" + text +
                           "'");
  };
  switch (type.kind) {
    case base::TypeKind::kString:
      return arrow::MakeScalar(text);
    case base::TypeKind::kBoolean:
      if (text != "true" && text != "false") return wrong();
      return arrow::MakeScalar(text == "true");
    case base::TypeKind::kDate: {
      TRY(const base::Date date, base::parse_date(text));
      return std::make_shared<arrow::Date32Scalar>(
          static_cast<std::int32_t>(date.time_since_epoch().count()));
    }
    case base::TypeKind::kInt32:
    case base::TypeKind::kInt64: {
      std::int64_t value = 0;
      // The whole text, without a sign or blanks that from_chars would leave: ours are written
      // without.
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (failure != std::errc() || end != text.data() + text.size()) return wrong();
      if (type.kind == base::TypeKind::kInt64) return arrow::MakeScalar(value);
      return arrow::MakeScalar(static_cast<std::int32_t>(value));
    }
    default:
      return wrong();
  }
}

}  // namespace

std::string partition_folder(std::string_view column, const std::optional<std::string>& value) {
  return base::percent_encoded(column, base::PlainBytes::kHive) + "=" + hive_value(value);
}

Result<std::shared_ptr<arrow::Array>> partition_column(base::ColumnType type,
                                                       const std::optional<std::string>& text,
                                                       std::int64_t rows) {
  auto column = arrow::MakeArrayOfNull(arrow_type(type), rows);
  if (text) {
    TRY(const auto scalar, partition_scalar(type, *text));
    column = arrow::MakeArrayFromScalar(*scalar, rows);
  }
  if (!column.ok()) return arrow_error(column.status(), "make a partition column");
  return column.MoveValueUnsafe();
}

std::vector<PartitionRange> partition_ranges(const arrow::Table& table, const std::string& column) {
  std::vector<PartitionRange> ranges;
  std::int64_t row = 0;
  for (const auto& chunk : table.GetColumnByName(column)->chunks()) {
    for (std::int64_t index = 0; index < chunk->length(); ++index, ++row) {
      auto value = partition_text(*chunk, index);
      if (ranges.empty() || ranges.back().value != value) {
        assert(ranges.empty() || ranges.back().value < value);
        ranges.push_back({std::move(value), row, 0});
      }
      ++ranges.back().rows;
    }
  }
  return ranges;
}

std::vector<PartitionRows> group_by_partition(const arrow::Table& table,
                                              const std::string& column) {
  std::map<std::optional<std::string>, std::vector<std::int64_t>> groups;
  std::vector<std::int64_t>* last_rows = nullptr;
  std::optional<std::string> last_value;
  std::int64_t row = 0;
  for (const auto& chunk : table.GetColumnByName(column)->chunks()) {
    for (std::int64_t index = 0; index < chunk->length(); ++index, ++row) {
      auto value = partition_text(*chunk, index);
      if (last_rows == nullptr || value != last_value) {
        last_rows = &groups[value];
        last_value = std::move(value);
      }
      last_rows->push_back(row);
    }
  }
  std::vector<PartitionRows> result;
  result.reserve(groups.size());
  for (auto& [value, rows] : groups) result.push_back({value, std::move(rows)});
  return result;
}

}  // namespace ashore::columnar
