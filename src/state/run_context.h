// RunContext is what every stage of a run is handed besides its own options.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/event.h"
#include "io/env.h"
#include "io/fault_points.h"

namespace ashore::state {

// The outside world, and how much of this machine may be used. What the references and pointers
// name outlives the run. Threads: read-only; the seams and the sink as they say themselves.
struct RunContext {
  io::Env& env;
  base::EventSink& events;
  std::stop_token stop;  // requested: stages end with kInterrupted
  int threads = 1;       // from 1; any number gives the same bytes
  // A bound on buffers, 16 MB at least; a response body may take an eighth of it.
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  std::string version = {};           // of ashore, for manifests, logs and the User-Agent
  std::string driver_folder = {};     // where the database drivers lie
  io::FaultPoints* faults = nullptr;  // of database sessions, in tests

  // The same with another outside world and sink.
  [[nodiscard]] RunContext with(io::Env& other_env, base::EventSink& other_events) const {
    return {other_env, other_events, stop, threads, memory_bytes, version, driver_folder, faults};
  }
};

}  // namespace ashore::state
