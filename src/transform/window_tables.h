// WindowTables joins pages in order and leaves one row per key.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "transform/page_rows.h"
#include "transform/plan.h"

namespace ashore::transform {

// One table of a window: the rows that were kept, and which of them stay, in key order.
struct WindowTable {
  std::shared_ptr<arrow::Table> rows;
  std::vector<std::int64_t> order;  // row numbers: one a key, in key order
  std::int64_t dropped_duplicate = 0;
  std::shared_ptr<arrow::Table> rejected_keys;  // key columns, sorted, each key once
  std::shared_ptr<arrow::Table> asked_keys;     // what a lookup asked for; absent: nothing
};

// Joins the rows of all pages (their batches are emptied). Of rows with one key the last or the
// first stays, as the table says, in the order of page, item and element, or that with the largest
// value of the column that tells which is newer (the later of equal ones); the children of a row
// that goes are dropped with it. kTransient: out of memory.
base::Result<std::vector<WindowTable>> join_pages(const Plan& plan, std::vector<PageRows>* pages);

// Gives each item table that a lookup can ask for the keys that one asked for, ids as text; of no
// keys there is no table. kTransient: out of memory.
base::Status add_asked_keys(const Plan& plan, const config::Items& items,
                            const std::vector<std::string>& keys, std::vector<WindowTable>* tables);

}  // namespace ashore::transform
