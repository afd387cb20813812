// Merges the rows of one partition and, if they changed, encodes and stages its new file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "merge/published_rows.h"
#include "merge/staged_table.h"

namespace ashore::merge {

// A published file of the partition with what the window does to it.
struct PublishedFile {
  const delta::AddFile* file = nullptr;
  const FileOutcome* file_outcome = nullptr;
};

// Staged rows one after another.
struct StagedRange {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  [[nodiscard]] bool contains(std::int64_t row) const {
    return row >= first_row && row - first_row < rows;
  }
};

// One partition to look at: it has staged rows, or a published row of it is touched, or the whole
// table is rewritten.
struct PartitionJob {
  std::optional<std::string> value;
  StagedRange staged;                    // its rows, in key order
  std::vector<PublishedFile> published;  // usually one
};

// What all jobs of a table share. Read-only while jobs run.
struct PartitionContext {
  io::ObjectStore& store;
  std::string table_folder;   // stage/<table>
  std::string staged_folder;  // stage/.staged/<run id>/<table>
  const config::Table& table;
  const StagedTable& staged;
  base::Schema schema;           // of the candidate; published files may lack its newest columns
  bool rewrites = false;         // the schema changes: every file is written again
  std::int64_t modified_ms = 0;  // for the new files' log entries
  // Of one partition: more rows that differ from what they replace are not listed.
  std::int64_t listed_rows_max = 0;
  // A published file of more bytes is read to disk, and so is the content that it becomes part of:
  // decoded it takes several times as much.
  std::int64_t large_file_bytes = 0;
  // Fewer jobs than threads: one may use two.
  bool has_spare_thread = false;
};

// Rows of each kind that are kept as examples of a table's changes.
inline constexpr std::size_t kExamplesMax = 20;

// A published row of a file, and the staged row that takes its place.
struct ChangedRow {
  const delta::AddFile* file = nullptr;
  Match match;
};

struct PartitionOutcome {
  std::optional<delta::AddFile> add;
  std::string add_sha256;                 // of the added file, hex
  std::shared_ptr<arrow::Table> content;  // its rows, all columns; null where they are not kept
  bool is_staged = false;                 // these are the job's staged rows, in their order
  bool is_on_disk = false;                // the content takes no memory
  std::vector<delta::AddFile> remove;
  std::int64_t updated = 0;    // staged rows that replace a different row of this partition
  std::int64_t unchanged = 0;  // staged rows equal to the row they match in this partition
  // The staged rows of `updated`, or the first listed_rows_max of them.
  std::vector<std::int64_t> updated_staged;
  // The first by key, kExamplesMax of each file at most.
  std::vector<ChangedRow> updated_rows;
  std::vector<ChangedRow> moved_rows;  // whose staged row lies in another partition
  [[nodiscard]] bool changed() const { return add.has_value() || !remove.empty(); }
};

// Threads: may run for several jobs of one table at once. Errors as delta::read_rows and
// ObjectStore::write_new.
base::Result<PartitionOutcome> merge_partition(const PartitionContext& context,
                                               const PartitionJob& job);

}  // namespace ashore::merge
