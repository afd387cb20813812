// Says what a run would do, without touching the source, the files or the databases.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/env.h"
#include "run/options.h"

namespace ashore::inspect {

// The plan as lines for people. Reads the published tables' logs, nothing else. Errors as
// effective_window(), config::render_request() and delta::read_snapshot().
base::Result<std::string> plan(const config::Pipeline& pipeline, const run::Options& options,
                               io::Env& env);

}  // namespace ashore::inspect
