// One table of a staged window: its rows, found by key, and the keys that were rejected.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "merge/key_rows.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::merge {

// Lets a map with string keys be asked with views.
struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

using KeySet = std::unordered_set<std::string, KeyHash, std::equal_to<>>;

// Where staged tables lie, and how much of their rows may be held in memory: an eighth of
// `memory_bytes` a table; more lie on disk. Both outlive the tables.
struct StagedWindow {
  io::ObjectStore& store;
  const state::Manifest& manifest;  // of transform
  std::int64_t memory_bytes = 0;
  // As Options::rows.
  const std::map<std::string, std::shared_ptr<arrow::Table>>* rows = nullptr;
};

// Threads: read-only once loaded.
class StagedTable {
 public:
  // Reads the table's files, but for rows that are given. `counts` are transform's counters of it.
  // kNotFound, kPermanent, kTransient: as columnar::read_parquet, ObjectStore::spill; kPermanent:
  // 2^32 - 1 rows or more.
  static base::Result<std::unique_ptr<StagedTable>> load(const StagedWindow& window,
                                                         const config::Table& table,
                                                         state::TableCounts counts);
  StagedTable(const StagedTable&) = delete;
  StagedTable& operator=(const StagedTable&) = delete;

  // In the order of a staged window: by partition, then by key.
  [[nodiscard]] const arrow::Table& rows() const { return *rows_; }
  [[nodiscard]] const state::TableCounts& counts() const { return counts_; }
  // The row that has this key, or -1.
  [[nodiscard]] std::int64_t row_of(std::string_view key) const { return key_rows_.find(key); }
  [[nodiscard]] bool was_rejected(std::string_view key) const;
  // Whether the published row of this key is newer than the one that was staged.
  [[nodiscard]] bool is_older(std::string_view key) const;
  // The keys of rejected rows, in no order.
  [[nodiscard]] const KeySet& rejected_keys() const { return rejected_; }
  // Whether a lookup asked for this key.
  [[nodiscard]] bool was_asked(std::string_view key) const;

  // The same without these rows, ascending, which lose to what is published: counted as unchanged
  // and older. The keys of rows of an item table are then is_older(). Errors: those of
  // ObjectStore::spill().
  [[nodiscard]] base::Result<std::unique_ptr<StagedTable>> without(
      const std::vector<std::int64_t>& rows, const config::Table& table) const;

 private:
  StagedTable(std::shared_ptr<arrow::Table> rows, const std::vector<std::string>& key,
              state::TableCounts counts);

  std::shared_ptr<arrow::Table> rows_;
  KeyRows key_rows_;
  io::ObjectStore* spills_to_ = nullptr;  // where the rows lie on disk
  KeySet rejected_;
  KeySet asked_;
  KeySet older_;
  state::TableCounts counts_;
};

}  // namespace ashore::merge
