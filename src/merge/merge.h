// Merge compares a staged window with the published tables, by key, and makes a candidate.
#pragma once

#include <stop_token>

#include "base/event.h"
#include "base/result.h"
#include "delta/candidate.h"
#include "io/env.h"
#include "merge/options.h"
#include "spec/pipeline.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::merge {

struct Merged {
  // runs/<id>/merge.manifest.json: the staged Parquet files and runs/<id>/candidate.json.
  state::Manifest manifest;
  delta::Candidate candidate;
  state::Summary summary;
};

// Reads the transform manifest's files and the current version of each table; writes only touched
// partitions, staged in stage/.staged/<run id>/. Unchanged partitions (by the rows tag) cost no
// write. Vanished rows are kept and counted. Errors: kPermanent: the published schema differs other
// than by new nullable columns (names `replay --rebuild`), memory exceeded; kTransient: I/O;
// kInterrupted. Deterministic for any thread count.
base::Result<Merged> merge(const spec::Pipeline& pipeline, const state::Manifest& window,
                           const Options& options, io::Env& env, base::EventSink& events,
                           const std::stop_token& stop);

}  // namespace ashore::merge
