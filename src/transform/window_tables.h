// WindowTables joins pages in order and leaves one row per key.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "columnar/ordered_values.h"
#include "io/spill_file.h"
#include "transform/page_rows.h"
#include "transform/plan.h"

namespace ashore::transform {

// One table of a window: the rows that were kept, and which of them stay, in key order.
struct WindowTable {
  std::shared_ptr<arrow::Table> rows;
  std::vector<std::int64_t> order;  // row numbers: one per key, in key order
  // The same of rows on disk, which it lies beside: `order` is empty then.
  std::shared_ptr<io::SpillFile> order_file;
  std::span<const std::int64_t> order_on_disk;
  // Child tables of pages that were joined: by row, the number of the parent's row.
  std::vector<std::int64_t> parents;
  std::int64_t dropped_duplicate = 0;
  std::shared_ptr<arrow::Table> rejected_keys;  // key columns, sorted, each key once
  std::shared_ptr<arrow::Table> asked_keys;     // what a lookup asked for; absent: nothing

  [[nodiscard]] std::span<const std::int64_t> rows_in_order() const {
    return order_file == nullptr ? std::span<const std::int64_t>(order) : order_on_disk;
  }
};

// Joins the rows of all pages (their batches are emptied). Of rows with one key the last or the
// first stays, as the table says, in the order of page, item and element, or that with the largest
// value of the column that tells which is newer (the later of equal ones); the children of a row
// that goes are dropped with it. kTransient: out of memory.
base::Result<std::vector<WindowTable>> join_pages(const Plan& plan, std::vector<PageRows>* pages);

// Puts each table's `order` into the order of a staged window: by partition, then by key.
void order_by_partition(const Plan& plan, std::vector<WindowTable>* tables);

// The keys of several groups of pages, sorted, each once. kTransient: out of memory.
base::Result<std::shared_ptr<arrow::Table>> join_keys(
    const TablePlan& table, const std::vector<std::shared_ptr<arrow::Table>>& keys);

// Whether of two rows with one key the later takes the place of the earlier. Rows of one table;
// `later` comes after `earlier` in the order of pages.
class Replacement {
 public:
  // Reads the table's rows where it needs their values; they must outlive this.
  Replacement(const TablePlan& table, const arrow::Table& rows);
  [[nodiscard]] bool is_by(std::int64_t later, std::int64_t earlier) const;

 private:
  const config::Table& table_;
  std::optional<columnar::OrderedValues> values_;  // keep: {latest: ...}
};

// Gives each item table that a lookup can ask for the keys that one asked for, ids as text; of no
// keys there is no table. kTransient: out of memory.
base::Status add_asked_keys(const Plan& plan, const config::Items& items,
                            const std::vector<std::string>& keys, std::vector<WindowTable>* tables);

}  // namespace ashore::transform
