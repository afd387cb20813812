// A published table as load sees it, and its rows as a stream.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <arrow/record_batch.h>

#include "base/result.h"
#include "base/schema.h"
#include "config/pipeline.h"
#include "delta/changed_rows.h"
#include "delta/handover.h"
#include "delta/snapshot.h"
#include "delta/table_logs.h"
#include "io/object_store.h"
#include "load/file_feed.h"
#include "load/options.h"

namespace ashore::load {

struct PublishedTable {
  const config::Table* spec = nullptr;  // of the pipeline, which outlives this
  std::string folder;                   // "stage/orders"
  std::shared_ptr<const delta::Snapshot> snapshot;
  // The snapshot's columns; text columns that the pipeline calls json are json.
  base::Schema schema;
  std::string log_sha256 = {};  // of the version's log entry, hex
  std::string run_id = {};      // of that entry; "" where another program wrote it
  // Rows of files that this run made, where they are still there.
  std::optional<delta::Handover> handover = {};
  // What that run changed in the version before, where it is still there.
  std::optional<delta::ChangedRows> changes = {};

  // The column whose values name the partitions, or nothing where the table is not partitioned
  // (by one column).
  [[nodiscard]] std::optional<std::string> partition_column() const;
};

// The published tables of a pipeline, in its order; tables without a log are left out.
// kNotFound: none is published; kPermanent: a key column that the published table lacks, a table of
// another pipeline that is not among the taken; else as delta::read_snapshot().
base::Result<std::vector<PublishedTable>> read_published(io::ObjectStore& store,
                                                         delta::TableLogs& logs,
                                                         const config::Pipeline& pipeline,
                                                         const Options& options);

// Pure. The partition value of a file of this table (nothing: null).
std::optional<std::string> partition_value(const delta::AddFile& file, const std::string& column);

// Reads the files one after another: a small file's rows at a time (where each is a round trip to a
// server, some at once), a large one's some thousand at a time, ahead of who takes them. Files that
// were handed over are not opened. `store` and `table` must outlive it. Threads: one at a time.
class PublishedRows final : public arrow::RecordBatchReader {
 public:
  // `columns`: which, in order; their types are the table's.
  PublishedRows(io::ObjectStore& store, const PublishedTable& table,
                std::vector<const delta::AddFile*> files, std::vector<std::string> columns,
                std::stop_token stop);

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

  // Why reading ended early, with its own kind: a driver would only pass on the text.
  // kInterrupted: a stop was requested; else as delta::read_rows().
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }
  // How many rows were given.
  [[nodiscard]] std::int64_t rows_read() const { return rows_read_; }

 private:
  base::Status read_next();
  base::Status read_files();
  base::Status read_large();
  [[nodiscard]] std::optional<delta::Handover::Place> handed_over(const delta::AddFile& file) const;
  base::Status take(const arrow::Table& rows);

  io::ObjectStore& store_;
  const PublishedTable& table_;
  std::vector<const delta::AddFile*> files_;
  std::vector<std::string> columns_;
  std::stop_token stop_;
  std::shared_ptr<arrow::Schema> schema_;
  std::size_t next_file_ = 0;
  std::string large_path_;          // of the file that is being read piece by piece
  std::unique_ptr<FileFeed> feed_;  // it
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;  // of the current file, last first
  std::optional<base::Error> failure_;
  std::int64_t rows_read_ = 0;
};

}  // namespace ashore::load
