// Missing rows are asked for at the source, and the run's rows staged anew with what it answers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "report/run_report.h"
#include "run/options.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "transform/options.h"
#include "transform/transform.h"

namespace ashore::run {

// A run whose merge named missing rows. The references outlive the call.
struct MissingRows {
  const config::Pipeline& pipeline;
  const Options& options;
  const std::vector<std::string>& ids;
  // Where this process has transformed the landing: its rows are not decoded again. May be nullptr.
  transform::LandingTransform* transformed = nullptr;
};

// How transform reads a landing: with the answers of its lookup, where they have landed. Errors as
// extract::find_lookup.
base::Result<transform::Options> transform_options(io::ObjectStore& store, const Options& options,
                                                   const state::StoredManifest& landing);

// Asks the source for the ids (extract::look_up), adds its requests to the run's extract summary,
// and makes the staged window of pages and answers. Takes what changes into the report.
// Returns the window. Errors as extract::look_up and transform::transform.
base::Result<transform::StagedWindow> look_for(const MissingRows& missing,
                                               const state::RunContext& context,
                                               report::RunReport* report);

}  // namespace ashore::run
