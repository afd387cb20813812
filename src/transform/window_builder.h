// WindowBuilder joins the pages of a window as they come; what memory cannot hold goes to disk.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "io/spill_buffer.h"
#include "transform/page_rows.h"
#include "transform/plan.h"
#include "transform/window_runs.h"
#include "transform/window_tables.h"

namespace ashore::transform {

// What the pages of a window gave together; by table as in the plan.
struct Window {
  std::vector<WindowTable> tables;        // their order is that of a staged window
  PageRows counts;                        // the sum of all pages, see add_counts()
  std::vector<io::SpillBuffer> rejected;  // JSON lines
};

// Threads: one.
class WindowBuilder {
 public:
  // Rows of up to a quarter of `memory_bytes` stay in memory; both others outlive this.
  WindowBuilder(const Plan& plan, io::ObjectStore& store, std::int64_t memory_bytes);

  // Takes the next pages in their order. Errors: those of ObjectStore::spill(); kTransient: out of
  // memory.
  base::Status add(std::vector<PageRows> pages);
  // The window of all pages so far; this keeps it. Pages may be added after it, for the next call.
  // Errors as add().
  base::Result<Window*> finish();

 private:
  base::Status spill();
  base::Status add_run(std::vector<WindowTable> tables);

  const Plan& plan_;
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;                                                 // of pages_
  std::vector<PageRows> pages_;                                            // not joined yet
  std::vector<std::vector<std::shared_ptr<arrow::Table>>> rejected_keys_;  // of runs, by table
  WindowRuns runs_;
  Window window_;
};

}  // namespace ashore::transform
