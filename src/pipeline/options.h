// What a run may be told besides its pipeline file.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/window.h"
#include "io/fault_points.h"
#include "load/options.h"
#include "spec/pipeline.h"
#include "spec/reader.h"

namespace ashore::pipeline {

struct Options {
  std::string command = "run";  // for the lock's holder line
  std::string run_id;           // "": a new one; for single stages the latest
  base::Window window;          // as asked for; --widen is applied inside
  bool widen = false;           // take the window apart by the pipeline's lookback and lookahead
  std::optional<std::string> source_url;
  std::vector<spec::DestinationSpec> destinations;  // the pipeline's, or those of --to
  std::string data_folder;                          // absolute
  std::string driver_folder;                        // where the database drivers lie
  int threads = 1;
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  std::chrono::milliseconds wait{0};  // for the lock
  bool force = false;                 // publish a landing older than the published one
  // publish: failed checks that shall not hold the run, and why; see audit::override_checks.
  std::vector<std::string> overrides;
  std::string override_reason;
  bool full = false;  // load: compare every row
  // load: asked before tables that ashore did not load are taken over; see load::Options.
  std::function<bool(const load::Adoption&)> adopt;
  bool skip_unchanged = false;           // 99 instead of 0 where nothing was new
  std::int64_t batch_rows_max = 65'536;  // of decoding; any number gives the same
  std::string version;                   // of ashore
  // A run whose staged window may be taken over where its pages were the same; "": none.
  std::string window_of;
  // For pipeline files that earlier runs kept; cli hands down the real one.
  spec::EnvironmentLookup environment = [](std::string_view) { return std::nullopt; };
  io::FaultPoints* faults = nullptr;  // of database sessions, in tests; outlives the run
};

}  // namespace ashore::pipeline
