// Finds the outcome of a merge in what an earlier run over the very same rows left.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "delta/candidate.h"
#include "merge/options.h"
#include "state/manifest.h"
#include "state/run_context.h"

namespace ashore::merge {

// The candidates of all tables, none of which changes anything, where that follows without looking
// at rows: run options.equal_window_of staged the same rows by the same pipeline file and release
// for the same window, every one of them was published as it is, none is missing, and each table is
// still at the version at which that run left it. Nothing where any of this is not so, or where
// what the run left cannot be read. Errors as delta::newest_version and ObjectStore::read.
base::Result<std::optional<std::vector<delta::TableCandidate>>> earlier_merge(
    const config::Pipeline& pipeline, const state::Manifest& window, const Options& options,
    delta::TableLogs& logs, const state::RunContext& context);

}  // namespace ashore::merge
