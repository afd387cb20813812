// Holds what a check asks of a column against the column's type.
#include <algorithm>

#include "config/default_value.h"
#include "config/quantity.h"
#include "config/sections.h"

namespace ashore::config {
namespace {

using base::TypeKind;

bool is_time(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kTimestamp; }

bool is_comparable(TypeKind kind) {
  return kind != TypeKind::kFloat64 && kind != TypeKind::kJson && kind != TypeKind::kDecimal;
}

bool is_ordered(TypeKind kind) {
  return kind != TypeKind::kString && kind != TypeKind::kJson && kind != TypeKind::kBoolean;
}

// What a rule asks of its columns' types: which it takes, and how that is said.
struct TypeRule {
  bool (*takes)(TypeKind kind);
  std::string_view words;
};

constexpr TypeRule kAnyType = {[](TypeKind) { return true; }, ""};
constexpr TypeRule kComparable = {
    is_comparable,
    "Columns of unique, references and accepted_values are string, int32, int64, boolean, date or "
    "timestamp."};

template <typename Rule>
TypeRule type_rule(const Rule&) {
  return kAnyType;
}
TypeRule type_rule(const UniqueCheck&) { return kComparable; }
TypeRule type_rule(const ReferencesCheck&) { return kComparable; }
TypeRule type_rule(const AcceptedValuesCheck&) { return kComparable; }
TypeRule type_rule(const RangeCheck&) {
  return {is_ordered, "Columns of range are int32, int64, float64, decimal, date or timestamp."};
}
TypeRule type_rule(const MatchesCheck&) {
  return {[](TypeKind kind) { return kind == TypeKind::kString; },
          "Columns of matches are string."};
}
TypeRule type_rule(const FreshnessCheck&) {
  return {is_time, "Columns of freshness are date or timestamp."};
}

// False if it was complained of.
bool check_value(ValueReader& values, const std::string& json, Mark mark, base::ColumnType type) {
  const auto status = check_default(json, type, base::ZoneRule::kRequired);
  if (status.ok()) return true;
  values.complain(mark,
                  "the value is not a " + base::type_name(type) + ": " + status.error().what(),
                  "Write one that fits the column's type.");
  return false;
}

// JSON's quotes around a value that has no escapes in it.
std::string_view unquoted(std::string_view json) {
  return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2) : json;
}

// Precondition: both fit the type.
bool is_above(const std::string& left, const std::string& right, TypeKind kind) {
  if (kind == TypeKind::kDate) {
    return base::parse_date(unquoted(left)).value() > base::parse_date(unquoted(right)).value();
  }
  if (kind == TypeKind::kTimestamp) {
    const auto zone = base::ZoneRule::kRequired;
    return base::parse_timestamp(unquoted(left), zone).value() >
           base::parse_timestamp(unquoted(right), zone).value();
  }
  return parse_number(left).value_or(0) > parse_number(right).value_or(0);
}

// Values of a rule that are to fit the column's type.
template <typename Rule>
void check_values(ValueReader&, const Rule&, const CheckDraft&, base::ColumnType) {}

void check_values(ValueReader& values, const AcceptedValuesCheck& rule, const CheckDraft& draft,
                  base::ColumnType type) {
  for (std::size_t index = 0; index < rule.accepted_json.size(); ++index) {
    (void)check_value(values, rule.accepted_json[index], draft.value_marks[index], type);
  }
}

void check_values(ValueReader& values, const RangeCheck& rule, const CheckDraft& draft,
                  base::ColumnType type) {
  const auto& min = rule.min_json;
  const auto& max = rule.max_json;
  const bool is_min_good = !min || check_value(values, *min, draft.min_mark, type);
  const bool is_max_good = !max || check_value(values, *max, draft.max_mark, type);
  if (min && max && is_min_good && is_max_good && is_above(*min, *max, type.kind)) {
    values.complain(draft.min_mark, "'range': min is above max", "Exchange them.");
  }
}

}  // namespace

void check_column_type(ValueReader& values, const CheckDraft& draft, const MarkedName& name,
                       base::ColumnType type) {
  const auto types = std::visit([](const auto& rule) { return type_rule(rule); }, draft.check.rule);
  if (!types.takes(type.kind)) {
    return values.complain(
        name.mark,
        "a " + base::type_name(type) + " cannot be compared in this check: " + shown(name.name),
        std::string(types.words));
  }
  std::visit([&](const auto& rule) { check_values(values, rule, draft, type); }, draft.check.rule);
}

}  // namespace ashore::config
