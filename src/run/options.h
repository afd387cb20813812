// What a run may be told besides its pipeline file; what its stages share is the RunContext.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/window.h"
#include "config/pipeline.h"
#include "config/reader.h"
#include "load/options.h"

namespace ashore::run {

struct Options {
  std::string command = "run";            // for the lock's holder line
  std::string kind = "run";               // in the report: run, rollback, replay, quarantine replay
  std::string run_id;                     // "": a new one; for single stages the latest
  base::Window window;                    // as asked for; widening is applied inside
  bool widen = false;                     // by the pipeline's lookback and lookahead
  std::optional<std::string> source_url;  // instead of the pipeline's
  std::chrono::milliseconds wait{0};      // for the lock; 0: not at all
  // Of decoding, from 1; any number gives the same. More is faster and takes more memory.
  std::int64_t batch_rows_max = 65'536;
  // Tables of another pipeline that this one takes over.
  std::vector<std::string> taken_tables = {};
  bool force = false;  // publish a landing older than the published one
  // publish: failed checks that do not block the run, and why; see audit::override_checks.
  std::vector<std::string> overrides = {};
  std::string override_reason = {};
  bool ignores_pins = false;    // a rollback publishes tables that are pinned
  bool pins = false;            // rollback: keep the tables there; see pins.h
  bool joins_shards = false;    // extract: make the landing of the run's shards
  bool offline = false;         // with that: do not ask the source for its total
  bool skip_unchanged = false;  // 99 instead of 0 where nothing was new
  // Of the load: its run id and taken tables are the run's.
  load::Options load = {};
  // A run whose staged window may be taken over where its pages were the same; "": none.
  std::string window_of = {};
  // For pipeline files that earlier runs kept; cli hands down the real one.
  config::EnvironmentLookup environment = [](std::string_view) { return std::nullopt; };
};

}  // namespace ashore::run
