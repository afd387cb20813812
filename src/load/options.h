// What load may be told besides the pipeline.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/window.h"
#include "io/fault_points.h"
#include "spec/pipeline.h"

namespace ashore::load {

struct Options {
  std::string run_id;                               // of the publication, for bookkeeping
  std::vector<spec::DestinationSpec> destinations;  // the pipeline's, or those of --to
  std::string data_folder;                          // absolute; relative DuckDB paths lie below it
  std::string driver_folder;                        // where the database drivers lie
  bool full = false;                                // compare every row
  std::optional<base::Window> range;                // load only partitions in it
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  int threads = 1;
  std::chrono::milliseconds busy_wait{60'000};  // for a DuckDB file that another process holds
  std::string version;
  io::FaultPoints* faults = nullptr;  // of database sessions, in tests
};

}  // namespace ashore::load
