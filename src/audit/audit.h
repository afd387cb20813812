// Audit puts the pipeline's checks to a candidate and writes the verdict.
#pragma once

#include <stop_token>
#include <vector>

#include "audit/options.h"
#include "base/event.h"
#include "base/result.h"
#include "delta/candidate.h"
#include "io/env.h"
#include "spec/pipeline.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::audit {

struct Verdict {
  bool passed = true;  // no check of severity `fail` failed
  std::vector<state::CheckResult> checks;
  state::Manifest manifest;  // runs/<id>/audit.manifest.json lists runs/<id>/verdict.json
  state::Summary summary;
};

// Checks see the whole table as it would be. A failed check is a verdict, not an error: the caller
// holds the run (exit 3). Errors: kPermanent: a candidate file whose digest is wrong; kTransient:
// I/O; kInterrupted.
base::Result<Verdict> audit(const spec::Pipeline& pipeline, const state::Manifest& merged,
                            const Options& options, io::Env& env, base::EventSink& events,
                            const std::stop_token& stop);

}  // namespace ashore::audit
