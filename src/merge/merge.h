// Merge compares a staged window with the published tables, by key, and makes a candidate.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "delta/candidate.h"
#include "merge/options.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "state/summary.h"

namespace ashore::merge {

struct Merged {
  // With names_pending: the ids, as text, sorted, of published rows that are missing and that the
  // source was not asked for. Where there are any nothing was merged and the rest is empty.
  std::vector<std::string> pending;
  // runs/<id>/merge.manifest.json: the staged Parquet files and runs/<id>/candidate.json.
  state::Manifest manifest;
  delta::Candidate candidate;
  state::Summary summary;
};

// Reads the transform manifest's files and the current version of each table; writes only touched
// partitions, staged in stage/.staged/<run id>/. Unchanged partitions (by the rows tag) cost no
// write. Missing rows that a lookup asked for and did not find are deleted with their children,
// others are kept and counted, or deleted. Errors: kPermanent: the published schema differs other
// than by new nullable columns (names `replay --rebuild`), a table is another pipeline's;
// kTransient: I/O; kInterrupted. Deterministic for any thread count.
base::Result<Merged> merge(const config::Pipeline& pipeline, const state::Manifest& window,
                           const Options& options, const state::RunContext& context);

}  // namespace ashore::merge
