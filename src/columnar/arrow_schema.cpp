// Maps column types to Arrow types and back.
#include "columnar/arrow_schema.h"

#include <arrow/status.h>
#include <arrow/type.h>

#include <cassert>
#include <string>
#include <utility>

namespace ashore::columnar {

std::shared_ptr<arrow::DataType> arrow_type(base::ColumnType type) {
  switch (type.kind) {
    case base::TypeKind::kString:
    case base::TypeKind::kJson:
      return arrow::utf8();
    case base::TypeKind::kBoolean:
      return arrow::boolean();
    case base::TypeKind::kInt32:
      return arrow::int32();
    case base::TypeKind::kInt64:
      return arrow::int64();
    case base::TypeKind::kFloat64:
      return arrow::float64();
    case base::TypeKind::kDecimal:
      return arrow::decimal128(type.precision, type.scale);
    case base::TypeKind::kDate:
      return arrow::date32();
    case base::TypeKind::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  }
  assert(false && "a column type without an Arrow type");
  return nullptr;
}

std::shared_ptr<arrow::Schema> arrow_schema(const base::Schema& schema) {
  arrow::FieldVector fields;
  fields.reserve(schema.fields.size());
  for (const auto& field : schema.fields) {
    fields.push_back(arrow::field(field.name, arrow_type(field.type), field.is_nullable));
  }
  return arrow::schema(std::move(fields));
}

base::Error arrow_error(const arrow::Status& status, std::string_view step) {
  const bool is_outside = status.IsOutOfMemory() || status.IsIOError();
  const auto kind = is_outside ? base::ErrorKind::kTransient : base::ErrorKind::kBug;
  return base::Error(kind, status.message()).within(step);
}

}  // namespace ashore::columnar
