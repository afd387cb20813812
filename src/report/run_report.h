// RunReport holds all that report.json and the last line of --json say.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "io/object_store.h"
#include "state/summary.h"

namespace ashore::report {

// One try of one stage. A run's tries are appended, never rewritten.
struct StageAttempt {
  std::string name;
  std::int64_t attempt = 1;  // of this stage in this run, from 1
  std::string started_at;    // RFC 3339
  std::string ended_at = {};
  std::string outcome = {};  // succeeded | blocked | failed | interrupted
};

struct RunReport {
  std::string run_id;
  std::string pipeline;
  std::string kind = "run";  // run | rollback | replay | quarantine replay; load of a closed run
  std::string status;  // published | unchanged | running | pending | blocked | failed | interrupted
  int exit_code = 0;
  std::string error;  // the message of what failed or was blocked, else empty
  base::Window window;
  base::Timestamp started_at{};
  double seconds = 0;
  std::vector<std::pair<std::string, double>> stages;  // name and seconds, in order
  std::vector<StageAttempt> stage_attempts;            // oldest first
  std::optional<state::ExtractCounts> extract;
  std::vector<state::TableCounts> tables;
  std::vector<state::CheckResult> checks;
  std::vector<state::DestinationResult> destinations;
  std::vector<state::UnmappedPath> unmapped;
  std::vector<state::Drift> drift;
  std::vector<std::string> warnings;
  std::int64_t peak_rss_bytes = 0;
  // To the store of the data folder, by kind; empty on a disk.
  std::vector<std::pair<std::string, std::int64_t>> store_requests;
};

// Takes a stage's summary into the report: later stages' table counts replace those of earlier
// ones.
void absorb(const state::Summary& summary, RunReport* report);

// Pure. One JSON object on one line, no newline (docs/formats/report.md).
std::string report_json(const RunReport& report);

// Appends what a command did to the run's history. A run is open until all of its stages have
// succeeded: then its runs/<run id>/report.json never changes, and what is done with it later (a
// load, mostly) is a report of its own, runs/<run id>/loads/<n>.json from 1. Of an open run
// `report` becomes the whole: it began when its first stage did, the tries of stages are numbered
// on, seconds add up. Returns whether the run was open. Errors as ObjectStore::write.
base::Result<bool> write_report(io::ObjectStore& store, RunReport* report);

// Whether all stages of a run have succeeded: its report stays as it is. False where there is none
// or it cannot be read.
bool is_closed(io::ObjectStore& store, const std::string& run_id);

// What a history shows of one run, read back from its report.json.
struct PastRun {
  std::string run_id;
  std::string pipeline;
  std::string kind;  // as RunReport::kind
  std::string status;
  int exit_code = 0;
  std::string started_at;
  double seconds = 0;
  std::string window_start;  // "" for none
  std::string window_end;
  std::int64_t items = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;  // deleted and replaced
  std::int64_t rejected = 0;
  std::string error;
};
// The runs that have a report, and the later loads of them, oldest first by when they began; of the
// same instant by run id. Unreadable reports are left out and named in
// `warnings`. At most `runs_max` are read: those whose ids are the last in bytewise order, which
// for ids that ashore made are the latest.
base::Result<std::vector<PastRun>> list_past_runs(
    io::ObjectStore& store, std::vector<std::string>* warnings,
    std::size_t runs_max = std::numeric_limits<std::size_t>::max());

// The most memory that this process has held so far, in bytes.
std::int64_t peak_rss_bytes();

}  // namespace ashore::report
