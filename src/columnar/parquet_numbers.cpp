// Maps column types to Parquet's.
#include "columnar/parquet_numbers.h"

#include <arrow/type.h>

namespace ashore::columnar {

Physical physical_type(base::ColumnType type) {
  switch (type.kind) {
    case base::TypeKind::kBoolean:
      return kBoolean;
    case base::TypeKind::kInt32:
    case base::TypeKind::kDate:
      return kInt32;
    case base::TypeKind::kInt64:
    case base::TypeKind::kTimestamp:
      return kInt64;
    case base::TypeKind::kFloat64:
      return kDouble;
    case base::TypeKind::kDecimal:
      return kFixed;
    case base::TypeKind::kString:
    case base::TypeKind::kJson:
      break;
  }
  return kByteArray;
}

std::optional<Converted> converted_type(base::TypeKind kind) {
  switch (kind) {
    case base::TypeKind::kString:
    case base::TypeKind::kJson:
      return kUtf8;
    case base::TypeKind::kDate:
      return kDate;
    case base::TypeKind::kDecimal:
      return kDecimal;
    case base::TypeKind::kTimestamp:
      return kTimestampMicros;
    default:
      return std::nullopt;
  }
}

std::size_t decimal_length(base::ColumnType type) {
  return static_cast<std::size_t>(arrow::DecimalType::DecimalSize(type.precision));
}

}  // namespace ashore::columnar
