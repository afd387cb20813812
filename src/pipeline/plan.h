// Says what a run would do, without touching the source, the files or the databases.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/env.h"
#include "pipeline/options.h"
#include "spec/pipeline.h"

namespace ashore::pipeline {

// The plan as lines for people. Reads the published tables' logs, nothing else. Errors as
// effective_window(), spec::render_request() and delta::read_snapshot().
base::Result<std::string> plan(const spec::Pipeline& pipeline, const Options& options,
                               io::Env& env);

}  // namespace ashore::pipeline
