// Merges one staged table into its published version.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "delta/candidate.h"
#include "delta/snapshot.h"
#include "merge/options.h"
#include "merge/partition_merge.h"
#include "merge/published_rows.h"
#include "state/row_examples.h"
#include "state/run_context.h"

namespace ashore::merge {

// Everything about one table that its merge reads.
struct TableInput {
  Lineage lineage;
  std::shared_ptr<const delta::Snapshot> published;  // nullptr: the table does not exist
  // Of the item table this table descends from; empty for item tables.
  const KeySet* deleted_items = nullptr;
  std::int64_t modified_ms = 0;
};

// The staged rows, ascending, whose published row has a larger value of the table's `latest` column
// (null is smallest; of equal ones the staged row wins). Errors as delta::read_rows; kInterrupted.
base::Result<std::vector<std::int64_t>> find_older(const TableInput& input, const Options& options,
                                                   const state::RunContext& context);

// What becomes of a table's rows, before anything is written. Moving it leaves what its parts point
// at where it is.
struct DecidedTable {
  TableInput input;
  // Missing rows that the source is to be asked for, as text; then the rest says nothing.
  std::vector<std::string> pending;
  bool rewrites = false;                   // every file, for columns that are new
  std::int64_t equal_rows = 0;             // staged ones of partitions that hold these very rows
  std::vector<FileOutcome> file_outcomes;  // by the published version's files
  std::vector<PartitionJob> jobs;          // the partitions to write; they point at the two above
  // Item tables: the keys of the rows that this run deletes; their children go with them.
  KeySet deleted_items;
};

// Reads what must be read of the published files. Errors as merge().
base::Result<DecidedTable> decide_table(TableInput input, const Options& options,
                                        const state::RunContext& context);

struct TableMerge {
  delta::TableCandidate candidate;
  std::map<std::string, std::string> digests;  // sha256 of the staged files, by AddFile::path
  state::TableExamples examples;
};

// Stages the files of changed partitions below stage/.staged/<run id>/<table>/ and counts every
// row; nothing is pending. A new table's id and `changes_schema` are the caller's. Errors as
// merge(). Threads: several tables may be written at once.
base::Result<TableMerge> write_table(const DecidedTable& decided, const Options& options,
                                     const state::RunContext& context);

}  // namespace ashore::merge
