// A switch over the column's type a value: no virtual call, no object between text and array.
#include "transform/column_values.h"

#include <arrow/api.h>

#include <cassert>
#include <limits>
#include <utility>

#include "base/timestamp.h"
#include "columnar/arrow_schema.h"
#include "transform/json_text.h"
#include "transform/number.h"

namespace ashore::transform {

namespace {

std::unique_ptr<arrow::ArrayBuilder> make_builder(base::ColumnType type) {
  auto builder = arrow::MakeBuilder(columnar::arrow_type(type));
  assert(builder.ok());
  return builder.MoveValueUnsafe();
}

}  // namespace

ColumnValues::ColumnValues(const spec::Column& column)
    : type_(column.type),
      zone_(column.zone),
      default_json_(column.default_json),
      builder_(make_builder(column.type)) {}

ColumnValues::~ColumnValues() = default;
ColumnValues::ColumnValues(ColumnValues&&) noexcept = default;
ColumnValues& ColumnValues::operator=(ColumnValues&&) noexcept = default;

void ColumnValues::keep(const arrow::Status& status) {
  if (!status.ok() && failure_ == nullptr) failure_ = std::make_unique<arrow::Status>(status);
}

void ColumnValues::append_null() { keep(builder_->AppendNull()); }

Rule ColumnValues::append(std::string_view json) {
  if (json == "null") return append_absent();
  const auto rule = append_value(json);
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
  if (rule == Rule::kNone) keep(static_cast<arrow::StringBuilder&>(*builder_).Append(text));
  return rule;
}

Rule ColumnValues::append_raw(std::string_view json) {
  const auto rule = has_escape(json) ? check_escapes(json) : Rule::kNone;
  if (rule == Rule::kNone) keep(static_cast<arrow::StringBuilder&>(*builder_).Append(json));
  return rule;
}

Rule ColumnValues::append_boolean(std::string_view json) {
  if (json != "true" && json != "false") return Rule::kWrongType;
  keep(static_cast<arrow::BooleanBuilder&>(*builder_).Append(json == "true"));
  return Rule::kNone;
}

Rule ColumnValues::append_integer(std::int64_t value) {
  if (type_.kind == base::TypeKind::kInt64) {
    keep(static_cast<arrow::Int64Builder&>(*builder_).Append(value));
    return Rule::kNone;
  }
  assert(type_.kind == base::TypeKind::kInt32);
  keep(static_cast<arrow::Int32Builder&>(*builder_).Append(static_cast<std::int32_t>(value)));
  return Rule::kNone;
}

Rule ColumnValues::append_number(std::string_view json) {
  auto rule = Rule::kNone;
  if (type_.kind == base::TypeKind::kFloat64) {
    double value = 0;
    rule = read_double(json, &value);
    if (rule == Rule::kNone) keep(static_cast<arrow::DoubleBuilder&>(*builder_).Append(value));
  } else if (type_.kind == base::TypeKind::kDecimal) {
    arrow::Decimal128 value;
    rule = read_decimal(json, type_.precision, type_.scale, &value);
    if (rule == Rule::kNone) keep(static_cast<arrow::Decimal128Builder&>(*builder_).Append(value));
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
    keep(static_cast<arrow::Date32Builder&>(*builder_).Append(static_cast<std::int32_t>(days)));
    return Rule::kNone;
  }
  const auto timestamp = base::parse_timestamp(text, zone_);
  if (!timestamp.ok()) return Rule::kBadTimestamp;
  const auto micros = base::micros_of(timestamp.value());
  keep(static_cast<arrow::TimestampBuilder&>(*builder_).Append(micros));
  return Rule::kNone;
}

bool ColumnValues::is_text() const {
  return type_.kind == base::TypeKind::kString || type_.kind == base::TypeKind::kJson;
}

void ColumnValues::begin_batch() {
  keep(builder_->Reserve(last_length_));
  if (is_text()) {
    keep(static_cast<arrow::StringBuilder&>(*builder_).ReserveData(last_text_bytes_));
  }
}

base::Result<std::shared_ptr<arrow::Array>> ColumnValues::finish() {
  last_length_ = builder_->length();
  if (is_text()) {
    last_text_bytes_ = static_cast<arrow::StringBuilder&>(*builder_).value_data_length();
  }
  std::shared_ptr<arrow::Array> array;
  keep(builder_->Finish(&array));
  if (failure_ == nullptr) return array;
  if (failure_->IsCapacityError()) return base::permanent("a column's text is over 2 GiB");
  return columnar::arrow_error(*failure_, "decode a column");
}

}  // namespace ashore::transform
