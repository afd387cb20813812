// Republish publishes tables built anew from their landings, with the present pipeline file.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "config/pipeline.h"
#include "rebuild/derived_run.h"
#include "report/outcome.h"
#include "run/history.h"
#include "run/options.h"
#include "state/run_context.h"

namespace ashore::rebuild {

// `replay --rebuild`: takes the lock, builds every published landing again as the present pipeline
// file reads it, puts the checks to the whole and publishes it in one commit a table, also with
// other columns, types or partitions; then loads. Damaged log files (log_damage.h) are set aside
// once the tables are built, and so is what the new log does not name. Exit codes as a run's.
report::Outcome rebuild_and_publish(const config::Pipeline& pipeline, const run::Options& options,
                                    const state::RunContext& context);

// Builds `steps` (of which those of `run` are read with the present pipeline file) and publishes
// what they make. The quarantine of their landings becomes what this pipeline makes of it.
// `inspect` is called when the scratch holds what was built, before anything is published; what it
// fails with ends the run. `table_ids`: of tables that are made anew and keep their id.
// Precondition: the session of `run` holds the lock.
report::Outcome publish_steps(run::Session* session, DerivedRun* run,
                              const std::vector<run::Step>& steps,
                              const std::function<base::Status()>& inspect,
                              const std::map<std::string, std::string>& table_ids = {});

}  // namespace ashore::rebuild
