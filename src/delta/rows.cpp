// Joins a file's Parquet columns with the partition values of its log entry.
#include "delta/rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <optional>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"

namespace ashore::delta {

namespace {

using base::Result;

const std::optional<std::string>* partition_value(const AddFile& file, const std::string& column) {
  for (const auto& [name, value] : file.partition_values) {
    if (name == column) return &value;
  }
  return nullptr;
}

std::vector<std::string> all_names(const base::Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema.fields) names.push_back(field.name);
  return names;
}

// What of the wanted columns lies in the Parquet file. A file of only partition columns still has
// its row count, so one column is read where none is wanted.
std::vector<std::string> stored_columns(const base::Schema& schema, const AddFile& file,
                                        const std::vector<std::string>& wanted) {
  std::vector<std::string> stored;
  for (const auto& name : wanted) {
    if (partition_value(file, name) == nullptr) stored.push_back(name);
  }
  if (!stored.empty()) return stored;
  for (const auto& field : schema.fields) {
    if (partition_value(file, field.name) == nullptr) return {field.name};
  }
  return stored;
}

base::Schema stored_schema(const base::Schema& schema, const AddFile& file) {
  base::Schema stored;
  for (const auto& field : schema.fields) {
    if (partition_value(file, field.name) == nullptr) stored.fields.push_back(field);
  }
  return stored;
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> read_rows(io::ObjectStore& store, const std::string& path,
                                                const AddFile& file, const base::Schema& schema,
                                                const std::vector<std::string>& columns) {
  const auto wanted = columns.empty() ? all_names(schema) : columns;
  TRY(const auto stored, columnar::read_parquet(store, path, stored_schema(schema, file),
                                                stored_columns(schema, file, wanted)));
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> arrays;
  for (const auto& name : wanted) {
    const auto index = schema.index_of(name);
    assert(index.has_value());
    const auto& field = schema.fields[*index];
    fields.push_back(arrow::field(name, columnar::arrow_type(field.type), field.is_nullable));
    if (const auto* value = partition_value(file, name)) {
      TRY(auto column, columnar::partition_column(field.type, *value, stored->num_rows()));
      arrays.push_back(std::make_shared<arrow::ChunkedArray>(std::move(column)));
    } else {
      arrays.push_back(stored->GetColumnByName(name));
    }
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays),
                            stored->num_rows());
}

}  // namespace ashore::delta
