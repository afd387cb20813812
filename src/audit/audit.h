// Audit puts the pipeline's checks to a candidate and writes the verdict.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "audit/options.h"
#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "delta/candidate.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "state/summary.h"

namespace ashore::audit {

struct Verdict {
  bool passed = true;  // no check of severity `fail` failed
  std::vector<state::CheckResult> checks;
  state::Manifest manifest;  // runs/<id>/audit.manifest.json lists runs/<id>/verdict.json
  state::Summary summary;
};

// Checks see the whole table as it would be; only the columns that they name are read. Where the
// candidate changes no table and an earlier run judged these very versions by the same pipeline
// file, its results stand, but for checks whose outcome may differ for the same rows. A failed
// check is a verdict, not an error: the caller blocks the run (exit 3). May be called again for the
// same run, with other checks: the candidate is judged anew. Errors: kPermanent: a candidate file
// whose digest is wrong (unless options.just_made), a query that DuckDB refuses (its words,
// and where the check stands); kTransient: I/O; kInterrupted.
base::Result<Verdict> audit(const config::Pipeline& pipeline, const state::Manifest& merged,
                            const Options& options, const state::RunContext& context);

// Begins to open what the pipeline's queries need, on a thread of its own, for Options::opened.
// nullptr: there is no query, or only one thread may be used.
std::unique_ptr<warehouse::OpenedAhead> open_ahead(const config::Pipeline& pipeline,
                                                   const state::RunContext& context);

struct OverrideRequest {
  std::string run_id;
  // Each a failed check of severity `fail`: as printed in the verdict, with or without its table in
  // front ("orders.not_null: [amount]"), by its own name or by its kind, where that names one only.
  std::vector<std::string> checks;
  std::string reason;  // not empty
};

// Records that failed checks of a run's verdict do not block it: forever in runs/<id>/
// overrides.json, and in the verdict and the summary, which it returns as they are then. Asking
// again for what is overridden already changes nothing. Errors: kPermanent: a name that fits no
// failed check, or several (the failed ones are listed); no reason; kNotFound: there is no verdict;
// kTransient: I/O.
base::Result<state::Summary> override_checks(const OverrideRequest& request, io::Env& env);

// Pure. Whether a verdict of these checks lets its run be published: none of severity `fail` failed
// without having been overridden.
bool may_be_published(const std::vector<state::CheckResult>& checks);

}  // namespace ashore::audit
