// Compares schemas: new nullable columns are added, every other change needs a rebuild.
#include "merge/schema_change.h"

#include <string>
#include <vector>

namespace ashore::merge {

namespace {

std::string column_text(const base::Field& field) {
  return "'" + field.name + "' " + base::type_name(field.type) +
         (field.is_nullable ? "" : " not null");
}

std::vector<std::string> partition_columns(const config::Table& table) {
  return table.partition_by ? std::vector{*table.partition_by} : std::vector<std::string>{};
}

std::string partition_text(const std::vector<std::string>& columns) {
  return columns.empty() ? "no partition column" : "'" + columns.front() + "'";
}

void compare_published_columns(const delta::Snapshot& published, const base::Schema& wanted,
                               std::vector<std::string>* differences) {
  std::size_t last = 0;
  for (const auto& field : published.schema.fields) {
    const auto index = wanted.index_of(field.name);
    if (!index) {
      differences->push_back("column " + column_text(field) + " is gone from the pipeline");
    } else if (wanted.fields[*index] != field) {
      differences->push_back("published column " + column_text(field) + " is " +
                             column_text(wanted.fields[*index]) + " in the pipeline");
    } else if (*index < last) {
      differences->push_back("column '" + field.name + "' stands at another place");
    } else {
      last = *index;
    }
  }
}

}  // namespace

base::Result<SchemaChange> compare_schemas(const delta::Snapshot& published,
                                           const config::Table& table) {
  const auto wanted = table.schema();
  if (published.schema == wanted && published.partition_columns == partition_columns(table)) {
    return SchemaChange::kNone;
  }
  std::vector<std::string> differences;
  compare_published_columns(published, wanted, &differences);
  for (const auto& field : wanted.fields) {
    if (!published.schema.index_of(field.name) && !field.is_nullable) {
      differences.push_back("new column " + column_text(field) + " is not nullable");
    }
  }
  if (published.partition_columns != partition_columns(table)) {
    differences.push_back("partitioned by " + partition_text(published.partition_columns) +
                          ", in the pipeline by " + partition_text(partition_columns(table)));
  }
  if (differences.empty()) return SchemaChange::kNewNullableColumns;
  std::string what = "published table '" + table.name + "' has another schema: ";
  for (std::size_t index = 0; index < differences.size(); ++index) {
    what += (index == 0 ? "" : "; ") + differences[index];
  }
  return base::permanent(std::move(what))
      .with_remedy(
          "Only new nullable columns can be added to a published table. Undo the change, "
          "or publish the table anew from raw with 'replay --rebuild'.");
}

}  // namespace ashore::merge
