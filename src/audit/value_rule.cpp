// Tests values against a list, a range or a pattern, one loop over a typed array each.
#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <cassert>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "audit/scans.h"
#include "base/pattern.h"
#include "base/timestamp.h"
#include "config/quantity.h"

namespace ashore::audit {

namespace {

using base::TypeKind;

// Every value that is there and fails.
template <typename ArrayType, typename Fails>
ValueRule rule_on(Fails fails) {
  return [fails = std::move(fails)](const arrow::Array& column, std::int64_t first_row,
                                    Finding* finding) {
    const auto& values = static_cast<const ArrayType&>(column);
    for (std::int64_t index = 0; index < values.length(); ++index) {
      if (!values.IsNull(index) && fails(values, index)) finding->add(first_row + index);
    }
  };
}

// The same for all types whose values are whole numbers underneath; `fails` takes the number.
template <typename Fails>
ValueRule rule_on_integers(TypeKind kind, Fails fails) {
  const auto of = [&]<typename ArrayType>(std::type_identity<ArrayType>) {
    return rule_on<ArrayType>([fails](const ArrayType& values, std::int64_t index) {
      return fails(static_cast<std::int64_t>(values.Value(index)));
    });
  };
  switch (kind) {
    case TypeKind::kBoolean:
      return of(std::type_identity<arrow::BooleanArray>());
    case TypeKind::kInt32:
      return of(std::type_identity<arrow::Int32Array>());
    case TypeKind::kInt64:
      return of(std::type_identity<arrow::Int64Array>());
    case TypeKind::kDate:
      return of(std::type_identity<arrow::Date32Array>());
    case TypeKind::kTimestamp:
      return of(std::type_identity<arrow::TimestampArray>());
    default:
      assert(false && "the reader lets only such types through");
      return {};
  }
}

std::string text_of(const std::string& json) {
  return nlohmann::json::parse(json).get<std::string>();
}

// A value of the pipeline file as the number that the column holds; the reader checked that it
// fits.
std::int64_t integer_of(const std::string& json, TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return json == "true" ? 1 : 0;
    case TypeKind::kDate:
      return base::parse_date(text_of(json)).value().time_since_epoch().count();
    case TypeKind::kTimestamp:
      return base::micros_of(
          base::parse_timestamp(text_of(json), base::ZoneRule::kRequired).value());
    default:
      return config::parse_integer(json).value();
  }
}

arrow::Decimal128 decimal_of(const std::string& json, int scale) {
  arrow::Decimal128 value;
  std::int32_t precision = 0;
  std::int32_t written_scale = 0;
  const auto status = arrow::Decimal128::FromString(json, &value, &precision, &written_scale);
  assert(status.ok());
  return value.Rescale(written_scale, scale).ValueOrDie();
}

template <typename Value, typename Convert>
std::pair<std::optional<Value>, std::optional<Value>> bounds(const config::RangeCheck& check,
                                                             Convert convert) {
  std::pair<std::optional<Value>, std::optional<Value>> both;
  if (check.min_json) both.first = convert(*check.min_json);
  if (check.max_json) both.second = convert(*check.max_json);
  return both;
}

// Written so that a NaN is outside.
template <typename Value>
bool is_inside(const Value& value,
               const std::pair<std::optional<Value>, std::optional<Value>>& in) {
  return (!in.first || value >= *in.first) && (!in.second || value <= *in.second);
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

}  // namespace

ValueRule value_rule(const config::RangeCheck& check, base::ColumnType type) {
  if (type.kind == TypeKind::kFloat64) {
    const auto in = bounds<double>(
        check, [](const std::string& json) { return config::parse_number(json).value(); });
    return rule_on<arrow::DoubleArray>([in](const arrow::DoubleArray& values, std::int64_t index) {
      return !is_inside(values.Value(index), in);
    });
  }
  if (type.kind == TypeKind::kDecimal) {
    const auto in = bounds<arrow::Decimal128>(
        check, [&](const std::string& json) { return decimal_of(json, type.scale); });
    return rule_on<arrow::Decimal128Array>(
        [in](const arrow::Decimal128Array& values, std::int64_t index) {
          return !is_inside(arrow::Decimal128(values.GetValue(index)), in);
        });
  }
  const auto in = bounds<std::int64_t>(
      check, [&](const std::string& json) { return integer_of(json, type.kind); });
  return rule_on_integers(type.kind, [in](std::int64_t value) { return !is_inside(value, in); });
}

ValueRule value_rule(const config::AcceptedValuesCheck& check, base::ColumnType type) {
  if (type.kind == TypeKind::kString) {
    std::unordered_set<std::string, TextHash, std::equal_to<>> accepted;
    for (const auto& json : check.accepted_json) accepted.insert(text_of(json));
    return rule_on<arrow::StringArray>(
        [accepted](const arrow::StringArray& values, std::int64_t index) {
          return accepted.find(values.GetView(index)) == accepted.end();
        });
  }
  std::unordered_set<std::int64_t> accepted;
  for (const auto& json : check.accepted_json) accepted.insert(integer_of(json, type.kind));
  return rule_on_integers(type.kind,
                          [accepted](std::int64_t value) { return !accepted.contains(value); });
}

ValueRule value_rule(const config::MatchesCheck& check, base::ColumnType /*type*/) {
  return rule_on<arrow::StringArray>([pattern = base::Pattern::compile(check.pattern).value()](
                                         const arrow::StringArray& values, std::int64_t index) {
    return !pattern.matches(values.GetView(index));
  });
}

}  // namespace ashore::audit
