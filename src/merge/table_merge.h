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
#include "io/env.h"
#include "merge/options.h"
#include "merge/published_rows.h"

namespace ashore::merge {

struct TableMerge {
  // Vanished rows that the source is to be asked for, as text; then nothing was merged.
  std::vector<std::string> unasked;
  delta::TableCandidate candidate;
  std::map<std::string, std::string> digests;  // sha256 of the staged files, by AddFile::path
  // Item tables: the keys of the rows that this run deletes; their children go with them.
  KeySet deleted_items;
};

// Everything about one table that its merge reads.
struct TableInput {
  Lineage lineage;
  std::optional<delta::Snapshot> published;
  // Of the item table this table descends from; empty for item tables.
  const KeySet* deleted_items = nullptr;
  std::int64_t modified_ms = 0;
};

// Stages the files of changed partitions below stage/.staged/<run id>/<table>/ and counts every
// row. A new table's id and `changes_schema` are the caller's. Errors as merge().
base::Result<TableMerge> merge_table(const TableInput& input, const Options& options, io::Env& env,
                                     const std::stop_token& stop);

}  // namespace ashore::merge
