// Runs the stages, all of them or one, and tells the whole story of the run in its report.
#pragma once

#include <stop_token>

#include "base/event.h"
#include "base/result.h"
#include "io/env.h"
#include "pipeline/options.h"
#include "report/run_report.h"
#include "spec/pipeline.h"

namespace ashore::pipeline {

enum class Stage { kExtract, kTransform, kMerge, kAudit, kPublish, kLoad };

// Pure. "extract", "transform", ...
std::string_view stage_name(Stage stage);

// How a run ended: the report's status, exit_code and error say it; `report.run_id` is empty only
// where no run could begin (a wrong run id, an empty window, a lock that another holds).
struct Outcome {
  report::RunReport report;
};

// Runs all stages under the lock: finishes what an earlier process left, extracts, transforms,
// merges, audits, publishes, loads. The report is in runs/<run id>/report.json, the events in
// events.jsonl, the pipeline file as used in pipeline.yaml. Exit codes are design.md 4.
Outcome run(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
            base::EventSink& events, const std::stop_token& stop);

// Runs one stage of a run from what the previous stage left on disk: the run named, else the latest
// whose previous stage is complete. merge, publish and load take the lock.
Outcome run_one_stage(Stage stage, const spec::Pipeline& pipeline, const Options& options,
                      io::Env& env, base::EventSink& events, const std::stop_token& stop);

// Pure. The window to ask for: as given, or widened. kPermanent: start is not before end, or the
// pipeline has no window and one was given.
base::Result<base::Window> effective_window(const spec::Pipeline& pipeline, const Options& options);

}  // namespace ashore::pipeline
