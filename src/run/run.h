// Runs the stages, all of them or one, and tells the whole story of the run in its report.
#pragma once

#include <stop_token>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "report/outcome.h"
#include "run/options.h"
#include "state/run_context.h"
#include "state/stage.h"

namespace ashore::run {

// Runs all stages under the lock: finishes what an earlier process left, extracts, transforms,
// merges, audits, publishes, loads. The report is in runs/<run id>/report.json, the events in
// events.jsonl, the pipeline file as used in pipeline.yaml. Exit codes: README.md.
report::Outcome run(const config::Pipeline& pipeline, const Options& options,
                    const state::RunContext& context);

// Runs one stage of a run from what the previous stage left on disk: the run named, else the latest
// whose previous stage is complete. merge, publish and load take the lock.
report::Outcome run_one_stage(state::Stage stage, const config::Pipeline& pipeline,
                              const Options& options, const state::RunContext& context);

// Pure. The window to ask for: as given, or widened. kPermanent: start is not before end, or the
// pipeline has no window and one was given.
base::Result<base::Window> effective_window(const config::Pipeline& pipeline,
                                            const Options& options);

}  // namespace ashore::run
