// Vanished rows are asked for at the source, and the run's rows staged anew with what it answers.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "io/env.h"
#include "pipeline/options.h"
#include "report/run_report.h"
#include "spec/pipeline.h"
#include "state/manifest.h"
#include "transform/options.h"

namespace ashore::pipeline {

// A run whose merge named vanished rows. The references outlive the call.
struct VanishedRows {
  const spec::Pipeline& pipeline;
  const Options& options;
  const std::vector<std::string>& ids;
  io::Env& env;
  base::EventSink& events;
};

// How transform reads a landing: with the answers of its lookup, where they have landed. Errors as
// extract::find_lookup.
base::Result<transform::Options> transform_options(io::ObjectStore& store, const Options& options,
                                                   const state::Manifest& landing);

// Asks the source for the ids (extract::look_up), adds its requests to the run's extract summary,
// and makes the staged window again, of pages and answers. Takes what changes into the report.
// Returns the window's manifest. Errors as extract::look_up and transform::transform.
base::Result<state::Manifest> look_for(const VanishedRows& vanished, report::RunReport* report,
                                       const std::stop_token& stop);

}  // namespace ashore::pipeline
