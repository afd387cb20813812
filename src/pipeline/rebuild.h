// Rebuild makes tables anew from raw landings, apart from the published ones and without network.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "io/env.h"
#include "pipeline/history.h"
#include "pipeline/options.h"
#include "spec/pipeline.h"

namespace ashore::pipeline {

// What building needs; the references outlive it.
struct RebuildContext {
  const spec::Pipeline& pipeline;  // as it is now
  const Options& options;
  io::Env& env;
  const std::stop_token& stop;
};

// The pipeline that a run kept in runs/<id>/pipeline.yaml; the present one where the texts are
// equal. kPermanent: it is gone or can no longer be read (the file and what is wrong are named).
base::Result<spec::Pipeline> pipeline_of_run(const RebuildContext& context,
                                             const std::string& run_id);

// Merges the steps' landings one after another into empty tables in a scratch, which it clears
// first: the tables lie in its `stage/`, the staged windows in its `runs/`, seen through a
// ScratchStore. Precondition: the caller holds the lock. Errors, with the landing named:
//   kPermanent         a landing or a page that is gone, a page whose digest is wrong (by name), a
//                      schema that does not follow from the one before
//   kHeldByQuarantine  more rejections than the step's pipeline allows
//   kTransient         I/O;  kInterrupted
base::Status rebuild(const RebuildContext& context, const std::vector<Step>& steps);

// Builds one landing's staged window in the scratch, which it clears first, and merges nothing.
// Errors as rebuild().
base::Status rebuild_window(const RebuildContext& context, const Step& step);

// Removes what a rebuild left.
base::Status clear_scratch(io::ObjectStore& store);

}  // namespace ashore::pipeline
