// What two SQL dialects write differently, and how names and texts are quoted
// in both.
#include <cassert>

#include "warehouse/connection.h"

namespace ashore::warehouse {

namespace {

std::string quote(std::string_view text, char mark) {
  std::string quoted(1, mark);
  for (const char character : text) {
    if (character == mark) quoted += mark;
    quoted += character;
  }
  return quoted + mark;
}

}  // namespace

std::string quote_identifier(std::string_view name) { return quote(name, '"'); }

std::string quote_literal(std::string_view text) { return quote(text, '\''); }

std::string sql_type(base::ColumnType type, Dialect dialect) {
  const bool is_duckdb = dialect == Dialect::kDuckDb;
  switch (type.kind) {
    case base::TypeKind::kString:
      return is_duckdb ? "VARCHAR" : "text";
    case base::TypeKind::kBoolean:
      return is_duckdb ? "BOOLEAN" : "boolean";
    case base::TypeKind::kInt32:
      return is_duckdb ? "INTEGER" : "integer";
    case base::TypeKind::kInt64:
      return is_duckdb ? "BIGINT" : "bigint";
    case base::TypeKind::kFloat64:
      return is_duckdb ? "DOUBLE" : "double precision";
    case base::TypeKind::kDecimal:
      return std::string(is_duckdb ? "DECIMAL(" : "numeric(") + std::to_string(type.precision) +
             "," + std::to_string(type.scale) + ")";
    case base::TypeKind::kDate:
      return is_duckdb ? "DATE" : "date";
    case base::TypeKind::kTimestamp:
      return is_duckdb ? "TIMESTAMP WITH TIME ZONE" : "timestamp with time zone";
    case base::TypeKind::kJson:
      return is_duckdb ? "JSON" : "json";
  }
  assert(false && "every type has a name");
  return {};
}

}  // namespace ashore::warehouse
