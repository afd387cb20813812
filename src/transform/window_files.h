// Writes a window's tables and its quarantine as files of a run.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "state/manifest.h"
#include "transform/plan.h"
#include "transform/window_builder.h"

namespace ashore::transform {

// What is written, and how.
struct WindowToWrite {
  std::string run_id;
  int threads = 1;
  const Plan& plan;
  std::int64_t memory_bytes = 0;  // a part takes a small share of it
  Window& window;                 // what its pages gave
};

// What was written.
struct WrittenWindow {
  // Table by table, parts first; `schema` of a part is the table's index in the plan.
  std::vector<state::ManifestFile> files;
  // By the table's index, the rows of its parts, one chunk a column; nullptr for a table that takes
  // more than an eighth of the memory.
  std::vector<std::shared_ptr<arrow::Table>> rows;
};

// Writes runs/<id>/window/<table>/part-00001.parquet ..., rejected_keys.parquet and
// quarantine/<id>/<table>.jsonl, where they are not empty, durable when it returns; what an earlier
// transform of this run left there is removed. Errors: those of the store; kInterrupted.
base::Result<WrittenWindow> write_window(io::ObjectStore& store, const WindowToWrite& window,
                                         const std::stop_token& stop);

}  // namespace ashore::transform
