// Names rejections and explains them in sentences.
#include "transform/rule.h"

#include "base/short_text.h"

#include "columnar/partition_value.h"
#include "json/text.h"
#include "transform/json_text.h"
#include "transform/number.h"

namespace ashore::transform {

std::string_view rule_name(Rule rule) {
  switch (rule) {
    case Rule::kNone:
      return "";
    case Rule::kRequired:
      return "required";
    case Rule::kWrongType:
      return "wrong_type";
    case Rule::kOutOfRange:
      return "out_of_range";
    case Rule::kInexact:
      return "inexact";
    case Rule::kBadDate:
      return "bad_date";
    case Rule::kBadTimestamp:
      return "bad_timestamp";
    case Rule::kBadLocalTime:
      return "bad_local_time";
    case Rule::kNulCharacter:
      return "nul_character";
    case Rule::kLoneSurrogate:
      return "lone_surrogate";
    case Rule::kDuplicateField:
      return "duplicate_field";
    case Rule::kKeyTooLong:
      return "key_too_long";
    case Rule::kPartitionEmpty:
      return "partition_empty";
    case Rule::kPartitionTooLong:
      return "partition_too_long";
    case Rule::kNotAnArray:
      return "not_an_array";
    case Rule::kParentRejected:
      return "parent_rejected";
  }
  return "";
}

namespace {

// Enough to find the value in its page, short enough for a line of a log.
constexpr std::size_t kValueBytesShown = 60;

std::string shown(std::string_view value) { return base::shortened(value, kValueBytesShown); }

std::string inexact(base::ColumnType type, const std::string& value) {
  const bool is_integer =
      type.kind == base::TypeKind::kInt32 || type.kind == base::TypeKind::kInt64;
  if (is_integer) return value + " is not an integer";
  return value + " does not fit " + base::type_name(type) + " exactly";
}

bool is_whole_text_number(std::string_view json) {
  return json.size() > 2 && json.front() == '"' && json::is_number(json.substr(1, json.size() - 2));
}

// What would take a value of another kind, where something does.
std::string way_out(base::ColumnType type, std::string_view json) {
  using base::TypeKind;
  const bool is_number_column = type.kind == TypeKind::kDecimal || type.kind == TypeKind::kInt32 ||
                                type.kind == TypeKind::kInt64 || type.kind == TypeKind::kFloat64;
  if (is_number_column && is_whole_text_number(json)) {
    return "; where the source writes numbers as texts, give the column 'from: text'";
  }
  if (type.kind == TypeKind::kBoolean && (json == "0" || json == "1")) {
    return "; where the source writes 0 and 1, give the column 'from: number'";
  }
  if (type.kind == TypeKind::kTimestamp && json::is_number(json)) {
    return "; where the source writes Unix times, give the column 'from: unix_seconds', "
           "'unix_millis' or 'unix_micros'";
  }
  return "";
}

std::string form_of(const config::Column* column, std::string_view usual) {
  return column == nullptr || column->format.empty() ? std::string(usual) : column->format;
}

std::string too_long_for_a_folder(std::string_view json) {
  std::string value;
  // The folder is named by the value and not by its JSON text, whose escapes are longer.
  if (json.size() >= 2) (void)unescape(json.substr(1, json.size() - 2), &value);
  return shown(json) + " has " + std::to_string(value.size()) +
         " bytes and partitions the table, but a folder's name, 'column=value', has at most " +
         std::to_string(columnar::kFolderBytesMax) +
         "; partition by a column of shorter values, or not at all";
}

}  // namespace

std::string explain(Rule rule, const config::Column* column, std::string_view value) {
  const auto text = shown(value);
  const auto type = column == nullptr ? base::ColumnType{} : column->type;
  switch (rule) {
    case Rule::kNone:
      return "";
    case Rule::kRequired:
      return "is required and is null or absent";
    case Rule::kWrongType:
      return text + " is no " + base::type_name(type) + way_out(type, value);
    case Rule::kOutOfRange:
      return text + " is out of range for " + base::type_name(type);
    case Rule::kInexact:
      return inexact(type, text);
    case Rule::kBadDate:
      return text + " is not a date (" + form_of(column, "YYYY-MM-DD") + ")";
    case Rule::kBadTimestamp:
      return text + " is not an instant with a zone, to microseconds (" +
             form_of(column, "RFC 3339") + ")";
    case Rule::kBadLocalTime:
      return text + " is a time that the clocks of " +
             (column == nullptr ? std::string("the zone") : column->time_zone) +
             " skip or show twice";
    case Rule::kNulCharacter:
      return text + " holds a NUL character";
    case Rule::kLoneSurrogate:
      return text + " holds half of a surrogate pair";
    case Rule::kDuplicateField:
      return "the field stands twice in its object";
    case Rule::kKeyTooLong:
      return "the key is longer than " + std::to_string(kKeyBytesMax) + " bytes";
    case Rule::kPartitionEmpty:
      return "an empty text partitions the table, and readers of folders take an empty value for "
             "null; give the column null_when: [\"\"], or partition by another";
    case Rule::kPartitionTooLong:
      return too_long_for_a_folder(value);
    case Rule::kNotAnArray:
      return text + " is not an array of rows";
    case Rule::kParentRejected:
      return "the parent's row was rejected";
  }
  return "";
}

}  // namespace ashore::transform
