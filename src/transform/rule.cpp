// The names and the sentences of rejections.
#include "transform/rule.h"

#include "columnar/partition_value.h"
#include "transform/json_text.h"

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
    case Rule::kNulCharacter:
      return "nul_character";
    case Rule::kLoneSurrogate:
      return "lone_surrogate";
    case Rule::kDuplicateField:
      return "duplicate_field";
    case Rule::kKeyTooLong:
      return "key_too_long";
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

constexpr std::size_t kValueBytesShown = 60;

// Cut between characters.
std::string shown(std::string_view value) {
  if (value.size() <= kValueBytesShown) return std::string(value);
  std::size_t length = kValueBytesShown;
  while (length > 0 && (static_cast<unsigned char>(value[length]) & 0xc0) == 0x80) --length;
  return std::string(value.substr(0, length)) + "...";
}

std::string inexact(base::ColumnType type, const std::string& value) {
  const bool is_integer =
      type.kind == base::TypeKind::kInt32 || type.kind == base::TypeKind::kInt64;
  if (is_integer) return value + " is not an integer";
  return value + " does not fit " + base::type_name(type) + " exactly";
}

std::string too_long_for_a_folder(std::string_view json) {
  std::string value;
  if (json.size() >= 2) (void)unescape(json.substr(1, json.size() - 2), &value);
  return shown(json) + " has " + std::to_string(value.size()) +
         " bytes and partitions the table, but a folder's name, 'column=value', has at most " +
         std::to_string(columnar::kFolderBytesMax) +
         "; partition by a column of shorter values, or not at all";
}

}  // namespace

std::string explain(Rule rule, base::ColumnType type, std::string_view value) {
  const auto text = shown(value);
  switch (rule) {
    case Rule::kNone:
      return "";
    case Rule::kRequired:
      return "is required and is null or absent";
    case Rule::kWrongType:
      return text + " is no " + base::type_name(type);
    case Rule::kOutOfRange:
      return text + " is out of range for " + base::type_name(type);
    case Rule::kInexact:
      return inexact(type, text);
    case Rule::kBadDate:
      return text + " is not a date (YYYY-MM-DD)";
    case Rule::kBadTimestamp:
      return text + " is not an instant with a zone, to microseconds (RFC 3339)";
    case Rule::kNulCharacter:
      return text + " holds a NUL character";
    case Rule::kLoneSurrogate:
      return text + " holds half of a surrogate pair";
    case Rule::kDuplicateField:
      return "the field stands twice in its object";
    case Rule::kKeyTooLong:
      return "the key is longer than " + std::to_string(kKeyBytesMax) + " bytes";
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
