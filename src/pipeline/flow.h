// Flow runs stages of one run one after another and gathers what they report.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "audit/audit.h"
#include "base/result.h"
#include "io/env.h"
#include "pipeline/options.h"
#include "pipeline/run.h"
#include "pipeline/run_events.h"
#include "report/run_report.h"
#include "spec/pipeline.h"
#include "state/manifest.h"

namespace ashore::pipeline {

// One run under way. The references must outlive it. Threads: one. Every stage reads the manifest
// that the previous one left on disk, so that a flow may begin anywhere.
class Flow {
 public:
  Flow(const spec::Pipeline& pipeline, const Options& options, io::Env& env, RunEvents& events,
       std::stop_token stop, report::RunReport* report);

  // Runs one stage: times it, tells its beginning and end, takes its summary into the report.
  base::Status run(Stage stage);

  // True when neither a table nor a destination was changed by the stages run so far.
  [[nodiscard]] bool nothing_new() const { return nothing_new_; }

 private:
  using Body = std::function<base::Result<state::Summary>()>;

  base::Status run_timed(std::string_view name, const Body& body);
  // What the previous stage left. kPermanent: it is not there, or was made from another manifest
  // than its own previous stage has left by now.
  base::Result<state::Manifest> previous(std::string_view stage);
  base::Status keep_pipeline();
  base::Status verify_parent(const state::Manifest& manifest);
  base::Result<state::Summary> extract();
  base::Result<state::Summary> transform();
  base::Result<state::Summary> merge();
  base::Result<state::Summary> audit();
  base::Result<state::Summary> publish();
  base::Result<state::Summary> load();
  // kHeldByCheck: a table whose policy is `drift: hold` has drifted since the landing before.
  base::Status hold_on_drift(const state::Summary& summary, std::int64_t started_us);
  // Takes the verdict into the report, with what the user overrides; held unless it may be
  // published.
  base::Status require_verdict(const state::Manifest& audited);
  [[nodiscard]] bool published_nothing() const;

  const spec::Pipeline& pipeline_;
  const Options& options_;
  io::Env& env_;
  RunEvents& events_;
  std::stop_token stop_;
  report::RunReport* report_;
  bool nothing_new_ = true;
  // A load that failed for one destination has a summary all the same; its failure waits here.
  base::Status load_status_;
};

}  // namespace ashore::pipeline
