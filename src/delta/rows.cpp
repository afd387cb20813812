// Joins a file's Parquet columns with the partition values of its log entry.
#include "delta/rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <optional>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"
#include "columnar/spilled_rows.h"

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

// Damage of a published file is repaired from the raw pages, never in place.
constexpr std::string_view kMakeAgain =
    "'ashore replay PIPELINE --rebuild' makes it again from the landed pages.";

}  // namespace

std::string_view digest_in_name(std::string_view path) {
  constexpr std::string_view kPrefix = "part-";
  constexpr std::string_view kSuffix = ".parquet";
  constexpr std::size_t kDigits = 32;
  auto name = path.substr(path.rfind('/') + 1);
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return {};
  name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  const bool is_digest =
      name.size() == kDigits && name.find_first_not_of("0123456789abcdef") == name.npos;
  return is_digest ? name : std::string_view();
}

namespace {

// Puts the file's columns and its partition values into the order wanted.
Result<std::shared_ptr<arrow::Table>> with_partition_values(
    const arrow::Table& stored, const AddFile& file, const base::Schema& schema,
    const std::vector<std::string>& wanted) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> arrays;
  for (const auto& name : wanted) {
    const auto index = schema.index_of(name);
    assert(index.has_value());
    const auto& field = schema.fields[*index];
    fields.push_back(arrow::field(name, columnar::arrow_type(field.type), field.is_nullable));
    if (const auto* value = partition_value(file, name)) {
      TRY(auto column, columnar::partition_column(field.type, *value, stored.num_rows()));
      arrays.push_back(std::make_shared<arrow::ChunkedArray>(std::move(column)));
    } else {
      arrays.push_back(stored.GetColumnByName(name));
    }
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays), stored.num_rows());
}

base::Status check_rows(const io::ObjectStore& store, const std::string& path, const AddFile& file,
                        std::int64_t rows) {
  if (rows == file.rows) return {};
  return base::permanent("file '" + store.location_of(path) + "' has " + std::to_string(rows) +
                         " rows and its log entry says " + std::to_string(file.rows))
      .with_remedy(std::string(kMakeAgain));
}

// A transient error may pass; what is left is a file that is missing or not what was published.
base::Error unreadable(base::Error error) {
  if (error.kind() == base::ErrorKind::kTransient) return error;
  return std::move(error).with_remedy(std::string(kMakeAgain));
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> read_rows(io::ObjectStore& store, const std::string& path,
                                                const AddFile& file, const base::Schema& schema,
                                                const std::vector<std::string>& columns) {
  const auto wanted = columns.empty() ? all_names(schema) : columns;
  auto read = columnar::read_parquet(store, path, stored_schema(schema, file),
                                     stored_columns(schema, file, wanted), digest_in_name(path));
  if (!read.ok()) return unreadable(std::move(read).error());
  const auto& stored = read.value();
  TRY(check_rows(store, path, file, stored->num_rows()));
  return with_partition_values(*stored, file, schema, wanted);
}

base::Status visit_rows(io::ObjectStore& store, const DataFile& data,
                        const std::vector<std::string>& columns, const columnar::VisitRows& visit) {
  const auto& [path, file, schema] = data;
  const auto wanted = columns.empty() ? all_names(schema) : columns;
  base::Status visited;
  std::int64_t rows = 0;
  const auto give = [&](const std::shared_ptr<arrow::Table>& stored,
                        std::int64_t first_row) -> base::Status {
    rows += stored->num_rows();
    TRY(const auto whole, with_partition_values(*stored, data.file, data.schema, wanted));
    visited = visit(whole, first_row);
    return visited;
  };
  const auto stored = stored_schema(schema, file);
  auto status = columnar::visit_parquet(store, {path, stored, digest_in_name(path)},
                                        stored_columns(schema, file, wanted), give);
  if (!visited.ok()) return visited;
  if (!status.ok()) return unreadable(std::move(status).error());
  return check_rows(store, path, file, rows);
}

Result<std::shared_ptr<arrow::Table>> read_rows_to_disk(io::ObjectStore& store,
                                                        const DataFile& data) {
  TRY(auto spilled, columnar::SpilledRows::open(store, columnar::arrow_schema(data.schema)));
  TRY(visit_rows(store, data, {}, [&](const std::shared_ptr<arrow::Table>& rows, std::int64_t) {
    return spilled.append(*rows);
  }));
  return std::move(spilled).finish();
}

}  // namespace ashore::delta
