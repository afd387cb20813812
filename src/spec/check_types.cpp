// Holds what a check asks of a column against the column's type.
#include <algorithm>

#include "spec/default_value.h"
#include "spec/quantity.h"
#include "spec/sections.h"

namespace ashore::spec {
namespace {

using base::TypeKind;

bool is_time(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kTimestamp; }

bool is_comparable(TypeKind kind) {
  return kind != TypeKind::kFloat64 && kind != TypeKind::kJson && kind != TypeKind::kDecimal;
}

bool is_ordered(TypeKind kind) {
  return kind != TypeKind::kString && kind != TypeKind::kJson && kind != TypeKind::kBoolean;
}

bool is_asked_rightly(CheckKind check, TypeKind kind) {
  switch (check) {
    case CheckKind::kUnique:
    case CheckKind::kReferences:
    case CheckKind::kAcceptedValues:
      return is_comparable(kind);
    case CheckKind::kRange:
      return is_ordered(kind);
    case CheckKind::kMatches:
      return kind == TypeKind::kString;
    case CheckKind::kFreshness:
      return is_time(kind);
    default:
      return true;
  }
}

std::string_view types_of(CheckKind check) {
  switch (check) {
    case CheckKind::kRange:
      return "Columns of range are int32, int64, float64, decimal, date or timestamp.";
    case CheckKind::kMatches:
      return "Columns of matches are string.";
    case CheckKind::kFreshness:
      return "Columns of freshness are date or timestamp.";
    default:
      return "Columns of unique, references and accepted_values are string, int32, int64, "
             "boolean, date or timestamp.";
  }
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

void check_range(ValueReader& values, const CheckDraft& draft, base::ColumnType type) {
  const auto& [min, max] = std::pair(draft.check.min_json, draft.check.max_json);
  const bool is_min_good = !min || check_value(values, *min, draft.min_mark, type);
  const bool is_max_good = !max || check_value(values, *max, draft.max_mark, type);
  if (min && max && is_min_good && is_max_good && is_above(*min, *max, type.kind)) {
    values.complain(draft.min_mark, "'range': min is above max", "Exchange them.");
  }
}

}  // namespace

void check_column_type(ValueReader& values, const CheckDraft& draft, const MarkedName& name,
                       base::ColumnType type) {
  if (!is_asked_rightly(draft.check.kind, type.kind)) {
    return values.complain(
        name.mark,
        "a " + base::type_name(type) + " cannot be compared in this check: " + shown(name.name),
        std::string(types_of(draft.check.kind)));
  }
  const auto& accepted = draft.check.accepted_json;
  for (std::size_t index = 0; index < accepted.size(); ++index) {
    (void)check_value(values, accepted[index], draft.value_marks[index], type);
  }
  if (draft.check.kind == CheckKind::kRange) check_range(values, draft, type);
}

}  // namespace ashore::spec
