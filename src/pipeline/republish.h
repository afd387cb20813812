// Republish publishes tables built anew from their landings, with the present pipeline file.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "io/env.h"
#include "pipeline/derived_run.h"
#include "pipeline/history.h"
#include "pipeline/options.h"
#include "pipeline/run.h"
#include "spec/pipeline.h"

namespace ashore::pipeline {

// `replay --rebuild`: takes the lock, builds every published landing again as the present pipeline
// file reads it, puts the checks to the whole and publishes it in one commit a table, also with
// other columns, types or partitions; then loads. Exit codes as a run's.
Outcome rebuild_and_publish(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                            base::EventSink& events, const std::stop_token& stop);

// Builds `steps` (of which those of `run` are read with the present pipeline file) and publishes
// what they make. The quarantine of their landings becomes what this pipeline makes of it.
// `inspect` is called when the scratch holds what was built, before anything is published; what it
// fails with ends the run. Precondition: the session of `run` holds the lock.
Outcome publish_steps(Session* session, DerivedRun* run, const std::vector<Step>& steps,
                      const std::function<base::Status()>& inspect);

}  // namespace ashore::pipeline
