// RunReport is everything a run has to say for itself: report.json and the last line of --json.
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

struct RunReport {
  std::string run_id;
  std::string pipeline;
  std::string status;  // published | unchanged | held | failed; "" while stages remain to be run
  int exit_code = 0;
  std::string error;  // the message of what failed or held, else empty
  base::Window window;
  base::Timestamp started_at{};
  double seconds = 0;
  std::vector<std::pair<std::string, double>> stages;  // name and seconds, in order
  std::optional<state::ExtractCounts> extract;
  std::vector<state::TableCounts> tables;
  std::vector<state::CheckResult> checks;
  std::vector<state::DestinationResult> destinations;
  std::vector<state::UnmappedPath> unmapped;
  std::vector<state::Drift> drift;
  std::vector<std::string> warnings;
  std::int64_t peak_rss_bytes = 0;
};

// Takes a stage's summary into the report: later stages' table counts replace those of earlier
// ones.
void absorb(const state::Summary& summary, RunReport* report);

// Pure. One JSON object on one line, no newline (docs/formats/report.md).
std::string report_json(const RunReport& report);

// Writes runs/<run id>/report.json. Errors as ObjectStore::write.
base::Status write_report(io::ObjectStore& store, const RunReport& report);

// What a history shows of one run, read back from its report.json.
struct PastRun {
  std::string run_id;
  std::string pipeline;
  std::string status;
  int exit_code = 0;
  std::string started_at;
  double seconds = 0;
  std::string window_start;  // "" for none
  std::string window_end;
  std::int64_t items = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t rejected = 0;
  std::string error;
};
// The runs that have a report, oldest first; unreadable reports are left out and named in
// `warnings`. At most `runs_max` are read: those whose ids are the last in bytewise order, which
// for ids that ashore made are the latest.
base::Result<std::vector<PastRun>> list_past_runs(
    io::ObjectStore& store, std::vector<std::string>* warnings,
    std::size_t runs_max = std::numeric_limits<std::size_t>::max());

// The most memory that this process has held so far, in bytes.
std::int64_t peak_rss_bytes();

}  // namespace ashore::report
