// Chooses the published files whose keys a merge must read: all others cannot be touched by it.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "merge/published_rows.h"

namespace ashore::merge {

// What the choice depends on.
struct FileChoice {
  io::ObjectStore& store;
  const delta::Snapshot& published;
  const Lineage& lineage;
  const KeySet& deleted_items;  // as decide_file()
  // For each file: its rows are known to be the staged ones, so that nothing is to be decided.
  const std::vector<bool>& is_decided;
  std::size_t files_read_outright;  // as Options
  int threads = 1;
};

// For each file of the snapshot, whether decide_file() may find more than untouched rows in it: it
// may hold the key of a staged, rejected or deleted row, or a row that may be missing. Errors as
// files_with_keys().
base::Result<std::vector<bool>> files_to_read(const FileChoice& choice,
                                              const std::stop_token& stop);

}  // namespace ashore::merge
