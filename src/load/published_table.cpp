// Snapshots of the pipeline's tables and a reader over their files.
#include "load/published_table.h"

#include <arrow/api.h>

#include <algorithm>

#include "columnar/arrow_schema.h"
#include "delta/rows.h"
#include "state/run_folder.h"

namespace ashore::load {

namespace {

using base::Result;
using base::Status;

// A Delta log knows no json: the pipeline says which text columns are.
base::Schema typed_schema(const base::Schema& published, const spec::Table& table) {
  base::Schema schema = published;
  const base::Schema declared = table.schema();
  for (auto& field : schema.fields) {
    const auto index = declared.index_of(field.name);
    const bool is_json = index && declared.fields[*index].type.kind == base::TypeKind::kJson;
    if (is_json && field.type.kind == base::TypeKind::kString) {
      field.type.kind = base::TypeKind::kJson;
    }
  }
  return schema;
}

Status check_key(const PublishedTable& table) {
  for (const auto& name : table.spec->key) {
    if (table.schema.index_of(name)) continue;
    return base::permanent("published table '" + table.spec->name + "' lacks key column '" + name +
                           "'")
        .with_remedy("Publish it anew with 'replay --rebuild'");
  }
  return {};
}

}  // namespace

std::optional<std::string> PublishedTable::partition_column() const {
  if (snapshot.partition_columns.size() != 1) return std::nullopt;
  return snapshot.partition_columns.front();
}

std::optional<std::string> partition_value(const delta::AddFile& file, const std::string& column) {
  for (const auto& [name, value] : file.partition_values) {
    if (name == column) return value;
  }
  return std::nullopt;
}

Result<std::vector<PublishedTable>> read_published(io::ObjectStore& store,
                                                   const spec::Pipeline& pipeline) {
  std::vector<PublishedTable> published;
  for (const auto& table : pipeline.tables) {
    const std::string folder = state::table_folder(table.name);
    TRY(auto snapshot, delta::read_snapshot(store, folder));
    if (!snapshot) continue;
    PublishedTable one{&table, folder, std::move(*snapshot), {}};
    one.schema = typed_schema(one.snapshot.schema, table);
    TRY(check_key(one));
    published.push_back(std::move(one));
  }
  if (published.empty()) {
    return base::not_found("nothing is published yet in " + store.location_of("stage"))
        .with_remedy("Run 'ashore run' or 'ashore publish' first");
  }
  return published;
}

PublishedRows::PublishedRows(io::ObjectStore& store, const PublishedTable& table,
                             std::vector<const delta::AddFile*> files,
                             std::vector<std::string> columns, std::stop_token stop)
    : store_(store),
      table_(table),
      files_(std::move(files)),
      columns_(std::move(columns)),
      stop_(std::move(stop)) {
  base::Schema wanted;
  for (const auto& name : columns_) {
    wanted.fields.push_back(table.schema.fields[*table.schema.index_of(name)]);
  }
  schema_ = columnar::arrow_schema(wanted);
}

Status PublishedRows::read_file(const delta::AddFile& file) {
  if (stop_.stop_requested()) {
    return base::Error(base::ErrorKind::kInterrupted, "load was stopped");
  }
  TRY(const auto rows,
      delta::read_rows(store_, table_.folder + "/" + file.path, file, table_.schema, columns_));
  arrow::TableBatchReader reader(*rows);
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto read = reader.ReadNext(&batch);
    if (!read.ok()) return columnar::arrow_error(read, "read rows");
    if (batch == nullptr) break;
    batches_.push_back(arrow::RecordBatch::Make(schema_, batch->num_rows(), batch->columns()));
  }
  std::reverse(batches_.begin(), batches_.end());
  return {};
}

arrow::Status PublishedRows::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  *batch = nullptr;
  while (batches_.empty() && next_file_ < files_.size()) {
    const auto status = read_file(*files_[next_file_++]);
    if (status.ok()) continue;
    failure_ = status.error();
    return arrow::Status::IOError(failure_->message());
  }
  if (batches_.empty()) return arrow::Status::OK();
  *batch = std::move(batches_.back());
  batches_.pop_back();
  return arrow::Status::OK();
}

}  // namespace ashore::load
