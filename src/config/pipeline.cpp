// Finds tables and columns by name and derives schemas.
#include "config/pipeline.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace ashore::config {

const std::vector<std::string>& check_kinds() {
  static const std::vector<std::string> kKinds = {
      "not_null",        "unique",  "references", "row_count",
      "accepted_values", "range",   "matches",    "row_count_change",
      "freshness",       "deleted", "sql"};
  assert(kKinds.size() == std::variant_size_v<CheckRule>);
  return kKinds;
}

base::Schema Table::schema() const {
  base::Schema schema;
  for (const auto& each_column : columns) {
    const bool is_key = std::find(key.begin(), key.end(), each_column.name) != key.end();
    schema.fields.push_back(
        {each_column.name, each_column.type, !is_key && !each_column.is_required});
  }
  return schema;
}

base::Schema Table::with_json(base::Schema published) const {
  const base::Schema declared = schema();
  for (auto& field : published.fields) {
    const auto index = declared.index_of(field.name);
    const bool is_json = index && declared.fields[*index].type.kind == base::TypeKind::kJson;
    if (is_json && field.type.kind == base::TypeKind::kString) {
      field.type.kind = base::TypeKind::kJson;
    }
  }
  return published;
}

const Column& Table::column(std::string_view column_name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& candidate) {
    return candidate.name == column_name;
  });
  assert(found != columns.end());
  return *found;
}

const Table* Pipeline::table(std::string_view table_name) const {
  for (const auto& candidate : tables) {
    if (candidate.name == table_name) return &candidate;
  }
  return nullptr;
}

const Column* lookup_column(const Items& items, const Table& table) {
  if (!items.id || table.parent || table.key.size() != 1) return nullptr;
  const Column& column = table.column(table.key.front());
  const auto kind = column.type.kind;
  const bool can_be_asked = kind == base::TypeKind::kString || kind == base::TypeKind::kInt32 ||
                            kind == base::TypeKind::kInt64;
  const bool is_id = column.source == ColumnSource::kPath && column.path == *items.id;
  return is_id && can_be_asked ? &column : nullptr;
}

}  // namespace ashore::config
