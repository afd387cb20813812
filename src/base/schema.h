// ColumnType, Field and Schema name the shape of a table without any library behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashore::base {

// The column types of the pipeline file; what each becomes elsewhere is in docs/formats/.
enum class TypeKind {
  kString,
  kBoolean,
  kInt32,
  kInt64,
  kFloat64,
  kDecimal,
  kDate,
  kTimestamp,  // microseconds, UTC
  kJson,       // exact text of a JSON value
};

struct ColumnType {
  TypeKind kind = TypeKind::kString;
  int precision = 0;  // of a decimal, 1..38, else 0
  int scale = 0;      // of a decimal, 0..precision, else 0

  bool operator==(const ColumnType&) const = default;
};

// Pure. "int32", "decimal(10,2)".
std::string type_name(ColumnType type);
// Pure. The reverse of type_name(); spaces are allowed inside decimal(). kPermanent: unknown name,
// precision outside 1..38, scale outside 0..precision.
Result<ColumnType> parse_type(std::string_view name);

struct Field {
  std::string name;
  ColumnType type;
  bool is_nullable = true;

  bool operator==(const Field&) const = default;
};

// Fields in the pipeline's order.
struct Schema {
  std::vector<Field> fields;

  // Pure. The field's index, or nothing.
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const;
  bool operator==(const Schema&) const = default;
};

}  // namespace ashore::base
