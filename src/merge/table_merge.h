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
#include "merge/published_rows.h"
#include "state/row_examples.h"
#include "state/run_context.h"

namespace ashore::merge {

struct TableMerge {
  // Missing rows that the source is to be asked for, as text; then nothing was merged.
  std::vector<std::string> pending;
  delta::TableCandidate candidate;
  std::map<std::string, std::string> digests;  // sha256 of the staged files, by AddFile::path
  // Item tables: the keys of the rows that this run deletes; their children go with them.
  KeySet deleted_items;
  state::TableExamples examples;
};

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

// Stages the files of changed partitions below stage/.staged/<run id>/<table>/ and counts every
// row. A new table's id and `changes_schema` are the caller's. Errors as merge().
base::Result<TableMerge> merge_table(const TableInput& input, const Options& options,
                                     const state::RunContext& context);

}  // namespace ashore::merge
