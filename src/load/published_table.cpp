// Reads snapshots of the pipeline's tables and streams the rows of their files.
#include "load/published_table.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <span>

#include "base/parallel.h"
#include "columnar/arrow_schema.h"
#include "delta/basis.h"
#include "delta/ownership.h"
#include "delta/rows.h"
#include "io/reads_at_once.h"
#include "state/run_folder.h"

namespace ashore::load {

namespace {

using base::Result;
using base::Status;

// Batches of a handover; files are as long as they are.
constexpr std::int64_t kBatchRowsMax = 65'536;
// Small files are read and given on together, up to so many rows and bytes: whoever takes a batch
// spends as much on one of three rows as on one of thousands.
constexpr std::int64_t kJoinedRowsMax = 4'096;
constexpr std::int64_t kJoinedBytesMax = std::int64_t{1} << 20;
// A file of more bytes is read piece by piece: decoded it takes several times as much.
constexpr std::int64_t kLargeFileBytes = std::int64_t{4} << 20;

// Loads find rows by key; an older version of the table may be from before the key was declared.
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
  if (snapshot->partition_columns.size() != 1) return std::nullopt;
  return snapshot->partition_columns.front();
}

std::optional<std::string> partition_value(const delta::AddFile& file, const std::string& column) {
  for (const auto& [name, value] : file.partition_values) {
    if (name == column) return value;
  }
  return std::nullopt;
}

Result<std::vector<PublishedTable>> read_published(io::ObjectStore& store, delta::TableLogs& logs,
                                                   const config::Pipeline& pipeline,
                                                   const Options& options) {
  std::vector<PublishedTable> published;
  for (const auto& table : pipeline.tables) {
    const std::string folder = state::table_folder(table.name);
    TRY(auto snapshot, logs.newest(table.name));
    // A table that was never published is left out: the others can be loaded.
    if (!snapshot) continue;
    TRY(delta::check_owner(*snapshot, table.name, pipeline.name, options.taken_tables));
    PublishedTable one{&table, folder, std::move(snapshot), {}};
    one.schema = table.with_json(one.snapshot->schema);
    TRY(check_key(one));
    // Kept in the bookkeeping: a restored backup may reach the same version by other commits.
    TRY(auto entry, logs.entry(table.name, one.snapshot->version));
    one.log_sha256 = std::move(entry.sha256);
    one.run_id = std::move(entry.run_id);
    if (state::check_run_id(one.run_id).ok()) {
      const auto& version = *one.snapshot;
      const bool is_ours = options.merged_here && one.run_id == options.run_id;
      const auto bytes =
          is_ours ? delta::HandoverBytes::kWrittenHere : delta::HandoverBytes::kToBeVerified;
      TRY(one.handover, delta::read_handover(store, one.run_id, table.name, version.schema, bytes));
      TRY(one.changes, delta::read_changed_rows(store, {one.run_id, table.name, version.table_id,
                                                        version.version, version.schema}));
    }
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
    assert(table.schema.index_of(name).has_value());
    wanted.fields.push_back(table.schema.fields[*table.schema.index_of(name)]);
  }
  schema_ = columnar::arrow_schema(wanted);
}

// Takes the next file, or all files from it on whose rows lie one after another in the handover.
Status PublishedRows::read_next() {
  if (stop_.stop_requested()) {
    return base::Error(base::ErrorKind::kInterrupted, "load was stopped");
  }
  if (feed_) return read_large();
  const auto& file = *files_[next_file_++];
  const auto first = handed_over(file);
  if (!first) {
    --next_file_;
    return file.bytes > kLargeFileBytes ? read_large() : read_files();
  }
  auto range = *first;
  for (; next_file_ < files_.size(); ++next_file_) {
    const auto place = table_.handover->find(*files_[next_file_]);
    if (!place || place->first_row != range.first_row + range.rows) break;
    range.rows += place->rows;
  }
  return take(*table_.handover->slice(range, columns_));
}

std::optional<delta::Handover::Place> PublishedRows::handed_over(const delta::AddFile& file) const {
  return table_.handover ? table_.handover->find(file) : std::nullopt;
}

// Takes the next rows of a large file, or goes on to the next one where there are no more.
Status PublishedRows::read_large() {
  const auto& file = *files_[next_file_];
  if (!feed_) {
    large_path_ = table_.folder + "/" + file.path;
    feed_ = std::make_unique<FileFeed>(store_, delta::DataFile{large_path_, file, table_.schema},
                                       columns_);
  }
  TRY(const auto rows, feed_->next());
  if (rows != nullptr) return take(*rows);
  feed_.reset();
  ++next_file_;
  return {};
}

// Takes the next file, and with it the small ones that follow and were not handed over.
Status PublishedRows::read_files() {
  const auto rest = std::span(files_).subspan(next_file_);
  std::int64_t rows = rest.front()->rows;
  std::int64_t bytes = rest.front()->bytes;
  std::size_t count = 1;
  for (; count < rest.size() && !handed_over(*rest[count]); ++count) {
    rows += rest[count]->rows;
    bytes += rest[count]->bytes;
    if (rows > kJoinedRowsMax || bytes > kJoinedBytesMax) break;
  }
  const auto files = rest.first(count);
  std::vector<std::shared_ptr<arrow::Table>> parts(count);
  TRY(base::for_each_index(
      count, io::reads_at_once(store_, files, &delta::AddFile::bytes, 1),
      [&](std::size_t index) -> Status {
        const auto& file = *files[index];
        TRY(parts[index], delta::read_rows(store_, table_.folder + "/" + file.path, file,
                                           table_.schema, columns_));
        return {};
      },
      stop_));
  next_file_ += parts.size();
  if (count == 1) return take(*parts.front());
  const auto joined = arrow::ConcatenateTables(parts);
  if (!joined.ok()) return columnar::arrow_error(joined.status(), "read rows");
  const auto whole = (*joined)->CombineChunks();
  if (!whole.ok()) return columnar::arrow_error(whole.status(), "read rows");
  return take(**whole);
}

Status PublishedRows::take(const arrow::Table& rows) {
  arrow::TableBatchReader reader(rows);
  reader.set_chunksize(kBatchRowsMax);
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    // Batches follow the files' chunks without a copy.
    const auto read = reader.ReadNext(&batch);
    if (!read.ok()) return columnar::arrow_error(read, "read rows");
    if (batch == nullptr) break;
    assert(batch->num_columns() == schema_->num_fields());
    batches_.push_back(arrow::RecordBatch::Make(schema_, batch->num_rows(), batch->columns()));
  }
  std::reverse(batches_.begin(), batches_.end());  // taken from the back
  return {};
}

arrow::Status PublishedRows::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  *batch = nullptr;
  while (batches_.empty() && next_file_ < files_.size()) {
    const auto status = read_next();
    if (status.ok()) continue;
    // Arrow's status has no kind: the error is kept, so that a reader can tell "run again" from
    // "repair".
    failure_ = status.error();
    return arrow::Status::IOError(failure_->message());
  }
  if (batches_.empty()) return arrow::Status::OK();
  *batch = std::move(batches_.back());
  batches_.pop_back();
  rows_read_ += (*batch)->num_rows();
  return arrow::Status::OK();
}

}  // namespace ashore::load
