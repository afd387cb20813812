// What audit may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <string>

#include "io/fault_points.h"

namespace ashore::audit {

struct Options {
  std::string run_id;
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  int threads = 1;
  std::string version;
  std::string driver_folder;          // where libduckdb.so lies, for sql checks
  io::FaultPoints* faults = nullptr;  // of database sessions, in tests; outlives the audit
};

}  // namespace ashore::audit
