// Checks one JSON value against one column type.
#include "config/default_value.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "config/quantity.h"

namespace ashore::config {
namespace {

using base::TypeKind;

base::Status check_integer(const std::string& json, std::int64_t min, std::int64_t max) {
  const auto number = parse_integer(json);
  if (number && *number >= min && *number <= max) return {};
  return base::permanent("not an integer in range: " + json);
}

base::Status check_decimal(const std::string& json, base::ColumnType type) {
  const auto number = parse_number(json);
  if (!number || json.find_first_of("eE") != std::string::npos) {
    return base::permanent("not plain digits: " + json);
  }
  const auto digits = json.substr(json.starts_with('-') ? 1 : 0);
  const auto point = digits.find('.');
  const auto whole = point == std::string::npos ? digits.size() : point;
  const auto fraction = point == std::string::npos ? 0 : digits.size() - point - 1;
  const auto room = static_cast<std::size_t>(type.precision - type.scale);
  const bool fits = (whole <= room || digits.starts_with("0")) &&
                    fraction <= static_cast<std::size_t>(type.scale);
  return fits ? base::Status() : base::permanent("it has more digits: " + json);
}

base::Status check_text(const std::string& json, base::ColumnType type, base::ZoneRule zone) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  if (!value.is_string()) return base::permanent("not a text: " + json);
  const auto& text = value.get_ref<const std::string&>();
  if (type.kind == TypeKind::kDate) {
    TRY([[maybe_unused]] auto date, base::parse_date(text));
  }
  if (type.kind == TypeKind::kTimestamp) {
    TRY([[maybe_unused]] auto timestamp, base::parse_timestamp(text, zone));
  }
  return {};
}

}  // namespace

base::Status check_default(const std::string& json, base::ColumnType type, base::ZoneRule zone) {
  switch (type.kind) {
    case TypeKind::kString:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
      return check_text(json, type, zone);
    case TypeKind::kBoolean:
      if (json == "true" || json == "false") return {};
      return base::permanent("neither true nor false: " + json);
    case TypeKind::kInt32:
      return check_integer(json, std::numeric_limits<std::int32_t>::min(),
                           std::numeric_limits<std::int32_t>::max());
    case TypeKind::kInt64:
      return check_integer(json, std::numeric_limits<std::int64_t>::min(),
                           std::numeric_limits<std::int64_t>::max());
    case TypeKind::kFloat64:
      if (parse_number(json)) return {};
      return base::permanent("not a number: " + json);
    case TypeKind::kDecimal:
      return check_decimal(json, type);
    case TypeKind::kJson:
      return {};
  }
  return {};
}

}  // namespace ashore::config
