// Decides what becomes of each published row when a staged window is merged into its table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "config/pipeline.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "merge/staged_table.h"

namespace ashore::merge {

// A table in its line of parents: what a row's outcome depends on.
struct Lineage {
  const config::Table* table = nullptr;
  const StagedTable* staged = nullptr;
  // Child tables: each ancestor, the parent first and the item table last, with the columns of
  // `table` that hold its key, in the order of that key.
  struct Ancestor {
    const StagedTable* staged = nullptr;
    std::vector<std::string> key;  // its own columns
    std::vector<std::string> key_columns;
  };
  std::vector<Ancestor> ancestors;
  // Item tables: the column by which rows lie in the window, or nothing where the window is
  // unbounded. Where it is bounded and the table has no such column, `can_be_missing` is false.
  std::optional<std::string> window_column;
  bool can_be_missing = false;
  // Item tables: the key column by which missing rows not yet asked for are named, or nothing.
  std::optional<std::string> asked_by;
  base::Window window;
};

// A published row and the staged row that takes its place.
struct Match {
  std::int64_t published_row = 0;
  std::int64_t staged_row = 0;
};

// What the window does to one published file.
struct FileOutcome {
  std::vector<Match> matches;         // in row order
  std::vector<std::int64_t> removed;  // child rows absent from their parent's new set, or deleted
  std::vector<std::string> deleted_items;  // item tables: the keys of the removed rows
  std::vector<std::string> pending;        // item tables: ids of missing rows, as text
  std::int64_t stale = 0;
  std::int64_t missing = 0;
  std::int64_t replaced = 0;
  std::int64_t deleted = 0;

  [[nodiscard]] bool is_touched() const { return !matches.empty() || !removed.empty(); }
};

// One data file of a published version; all outlive it.
struct VersionFile {
  const std::string& table_folder;
  const delta::AddFile& file;
  const base::Schema& schema;  // of the version
};

// Reads the key columns of a published file and decides. `deleted_items` are the keys of item rows
// that this run deletes: their children go with them; for the item table
// itself it is empty. Errors as delta::visit_rows.
base::Result<FileOutcome> decide_file(io::ObjectStore& store, const VersionFile& published,
                                      const Lineage& lineage, const KeySet& deleted_items);

}  // namespace ashore::merge
