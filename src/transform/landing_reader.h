// Reads the pages of a landing, verifies their bytes and decodes their items.
#pragma once

#include <stop_token>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "transform/options.h"
#include "transform/page_rows.h"
#include "transform/plan.h"

namespace ashore::transform {

// All of it outlives the reading.
struct LandingToRead {
  const config::Pipeline& pipeline;
  const Plan& plan;
  const state::Manifest& manifest;
  const std::string& run_id;
  std::int64_t batch_rows_max;
};

// The rows of every page, in the landing's order whatever the number of threads. Progress is told
// at most a few times a second. kPermanent: a page whose digest is wrong or that cannot be read,
// rows that take more than half of the memory; kTransient: I/O, out of memory; kInterrupted.
base::Result<std::vector<PageRows>> read_landing(const LandingToRead& landing,
                                                 const state::RunContext& context);

}  // namespace ashore::transform
