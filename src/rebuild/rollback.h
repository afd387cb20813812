// Rollback publishes the tables as they were after an earlier run, as a new version.
#pragma once

#include <stop_token>
#include <string>

#include "base/event.h"
#include "config/pipeline.h"
#include "report/outcome.h"
#include "run/options.h"
#include "state/run_context.h"

namespace ashore::rebuild {

// Takes the lock. The tables become what they were after `run_id` was published, in one new version
// each; the destinations are loaded. Files that are no longer there are built again from raw.
// Checks are not put again: the tables passed them then. Exit 2: the run was never published; or a
// file is gone and a landing that made it too (named).
report::Outcome roll_back(const std::string& run_id, const config::Pipeline& pipeline,
                          const run::Options& options, const state::RunContext& context);

}  // namespace ashore::rebuild
