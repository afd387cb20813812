// QuarantineReplay lands the rows that the corrected pipeline file lets pass, each at its place in
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "report/outcome.h"
#include "run/history.h"
#include "run/options.h"
#include "state/run_context.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

// What became of a landing's rows of one table.
struct ReplayedRejections {
  std::string landing;
  std::string table;
  std::int64_t landed = 0;  // pass now and are published
  // Pass now, but a later landing said something newer of the same key: its row stays.
  std::int64_t newer_stays = 0;
  std::vector<std::string> newer_keys;  // the first five of these, for people
  std::int64_t still_rejected = 0;
};

struct QuarantineReplay {
  report::Outcome outcome;               // run_id empty: nothing was replayed
  std::vector<ReplayedRejections> rows;  // by landing and table
};

// Takes the lock; builds the tables again with the present pipeline file for the landings that had
// rejections (or the one named by options.run_id), and for later ones where columns differ, and
// publishes and loads the difference after the checks passed. A landing that was blocked by its
// rejections is merged where it belongs in time. So an older row never takes a newer one's place.
// Exit codes as a run's; 2 also: the run named has nothing in quarantine, or was rolled back.
QuarantineReplay replay_quarantine(const config::Pipeline& pipeline, const run::Options& options,
                                   const state::RunContext& context);

// Pure. `steps` with the chosen landings read by `pipeline_run`; those that were never merged are
// set in where they belong by `started_us` (of every landing, chosen ones included). Steps after
// the first chosen one for which `needs_present` says so are read by `pipeline_run` too.
std::vector<run::Step> steps_with(const std::vector<run::Step>& steps,
                                  const std::vector<std::string>& chosen,
                                  const std::map<std::string, std::int64_t>& started_us,
                                  const std::string& pipeline_run,
                                  const std::function<bool(const run::Step&)>& needs_present);

}  // namespace ashore::rebuild
