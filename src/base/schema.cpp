// Names column types and reads those names back.
#include "base/schema.h"

#include <array>
#include <charconv>
#include <utility>

namespace ashore::base {
namespace {

constexpr int kPrecisionMax = 38;

constexpr std::array<std::pair<std::string_view, TypeKind>, 8> kPlainTypes = {{
    {"string", TypeKind::kString},
    {"boolean", TypeKind::kBoolean},
    {"int32", TypeKind::kInt32},
    {"int64", TypeKind::kInt64},
    {"float64", TypeKind::kFloat64},
    {"date", TypeKind::kDate},
    {"timestamp", TypeKind::kTimestamp},
    {"json", TypeKind::kJson},
}};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Up to three digits, or nothing.
std::optional<int> small_number(std::string_view text) {
  int number = 0;
  if (text.empty() || text.size() > 3 || text.front() == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// `arguments` is what stands between the parentheses of decimal(...).
Result<ColumnType> parse_decimal(std::string_view arguments) {
  const auto comma = arguments.find(',');
  const auto precision = small_number(trimmed(arguments.substr(0, comma)));
  const auto scale = comma == std::string_view::npos
                         ? std::optional<int>(0)
                         : small_number(trimmed(arguments.substr(comma + 1)));
  if (!precision || !scale) return permanent("decimal needs a precision and a scale");
  if (*precision < 1 || *precision > kPrecisionMax) {
    return permanent("decimal precision is outside 1..38: " + std::to_string(*precision));
  }
  if (*scale > *precision) {
    return permanent("decimal scale is larger than its precision: " + std::to_string(*scale));
  }
  return ColumnType{TypeKind::kDecimal, *precision, *scale};
}

}  // namespace

std::string type_name(ColumnType type) {
  for (const auto& [name, kind] : kPlainTypes) {
    if (kind == type.kind) return std::string(name);
  }
  return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
}

Result<ColumnType> parse_type(std::string_view name) {
  for (const auto& [plain, kind] : kPlainTypes) {
    if (plain == name) return ColumnType{kind, 0, 0};
  }
  constexpr std::string_view kOpening = "decimal(";
  if (name.starts_with(kOpening) && name.ends_with(')')) {
    return parse_decimal(name.substr(kOpening.size(), name.size() - kOpening.size() - 1));
  }
  return permanent("unknown type: " + std::string(name))
      .with_remedy(
          "Types are string, boolean, int32, int64, float64, decimal(p,s), date, timestamp, json");
}

std::optional<std::size_t> Schema::index_of(std::string_view name) const {
  for (std::size_t index = 0; index < fields.size(); ++index) {
    if (fields[index].name == name) return index;
  }
  return std::nullopt;
}

}  // namespace ashore::base
