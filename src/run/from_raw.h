// FromRaw publishes what was landed and not published yet, landing after landing.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "report/run_report.h"
#include "run/history.h"
#include "run/options.h"
#include "state/run_context.h"
#include "state/run_folder.h"

namespace ashore::run {

struct Waiting {
  std::vector<state::RunInfo> landings;  // to be published, oldest first
  // Never published and older than what is: another landing took their place.
  std::vector<std::string> passed_over;
};
// Pure. Sorts out `runs` (of one pipeline, oldest landing first): those published are left out;
// `newest_us` is the start of the newest landing published. `takes_older`: none is passed over.
Waiting find_waiting(const std::vector<state::RunInfo>& runs,
                     const std::vector<Publication>& history, std::int64_t newest_us,
                     bool takes_older);

struct FromRaw {
  std::vector<report::RunReport> runs;  // one per landing, in order; the last may have failed
  std::vector<std::string> passed_over;
  std::string status = "unchanged";  // published | unchanged | blocked | failed
  int exit_code = 0;
  std::string error;
};

// `run --from-raw`: takes the lock, then transforms, merges, audits and publishes each landing not
// yet published, without network, and loads once at the end. It stops at the first that is blocked
// or fails: later ones would make it an older landing. Where a landing's pages are those of the
// last published one, and pipeline file and release too, its staged window is taken over.
FromRaw run_from_raw(const config::Pipeline& pipeline, const Options& options,
                     const state::RunContext& context);

}  // namespace ashore::run
