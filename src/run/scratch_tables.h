// Builds tables anew from raw landings in the scratch, apart from the published ones, without
// network.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "run/history.h"
#include "run/options.h"
#include "state/run_context.h"

namespace ashore::run {

// What building needs; the references outlive it.
struct BuildContext {
  const config::Pipeline& pipeline;  // as it is now
  const Options& options;
  const state::RunContext& run;
};

// The pipeline that a run kept in runs/<id>/pipeline.yaml; the present one where the texts are
// equal. kPermanent: it is gone or can no longer be read (the file and what is wrong are named).
base::Result<config::Pipeline> pipeline_of_run(const BuildContext& context,
                                               const std::string& run_id);

// Merges the steps' landings one after another into empty tables in a scratch, which it clears
// first: the tables lie in its `stage/`, the staged windows in its `runs/`, seen through a
// ScratchStore. Precondition: the caller holds the lock. Errors, with the landing named:
//   kPermanent         a landing or a page that is gone, a page whose digest is wrong (by name), a
//                      schema that does not follow from the one before
//   kBlockedByQuarantine  more rejections than the step's pipeline allows
//   kTransient         I/O;  kInterrupted
base::Status build_tables(const BuildContext& context, const std::vector<Step>& steps);

// Builds one landing's staged window in the scratch, which it clears first, and merges nothing.
// Errors as build_tables().
base::Status build_window(const BuildContext& context, const Step& step);

// Removes what a rebuild left.
base::Status clear_scratch(io::ObjectStore& store);

}  // namespace ashore::run
