// One table of a staged window in memory: its rows by key and the keys that were rejected.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "columnar/keys.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::merge {

// Lets a map with string keys be asked with views.
struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

using KeySet = std::unordered_set<std::string, KeyHash, std::equal_to<>>;

// Not movable: `row_of` holds views into `keys`. Threads: read-only once loaded.
class StagedTable {
 public:
  // Reads the table's files of a transform manifest. `counts` are transform's counters of it.
  // kNotFound, kPermanent, kTransient: as columnar::read_parquet.
  static base::Result<std::unique_ptr<StagedTable>> load(io::ObjectStore& store,
                                                         const state::Manifest& window,
                                                         const config::Table& table,
                                                         state::TableCounts counts);
  StagedTable(const StagedTable&) = delete;
  StagedTable& operator=(const StagedTable&) = delete;

  [[nodiscard]] const arrow::Table& rows() const { return *rows_; }
  [[nodiscard]] const columnar::KeyColumn& keys() const { return keys_; }
  [[nodiscard]] const state::TableCounts& counts() const { return counts_; }
  // The row that has this key, or -1.
  [[nodiscard]] std::int64_t row_of(std::string_view key) const;
  [[nodiscard]] bool was_rejected(std::string_view key) const;
  // Whether the published row of this key is newer than the one that was staged.
  [[nodiscard]] bool is_older(std::string_view key) const;
  // The keys of rejected rows, in no order.
  [[nodiscard]] const KeySet& rejected_keys() const { return rejected_; }
  // Whether a lookup asked for this key.
  [[nodiscard]] bool was_asked(std::string_view key) const;

  // The same without these rows, ascending, which lose to what is published: counted as unchanged
  // and older. The keys of rows of an item table are then is_older().
  [[nodiscard]] std::unique_ptr<StagedTable> without(const std::vector<std::int64_t>& rows,
                                                     const config::Table& table) const;

 private:
  StagedTable(std::shared_ptr<arrow::Table> rows, columnar::KeyColumn keys,
              state::TableCounts counts);

  std::shared_ptr<arrow::Table> rows_;  // sorted by key, one chunk a column
  columnar::KeyColumn keys_;
  std::unordered_map<std::string_view, std::int64_t> row_of_;
  KeySet rejected_;
  KeySet asked_;
  KeySet older_;
  state::TableCounts counts_;
};

}  // namespace ashore::merge
