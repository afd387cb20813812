// Pages in memory -> rows and rejections, as the Python package's transform() gives them.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/row_stream.h"
#include "config/pipeline.h"
#include "state/run_context.h"

namespace ashore::embed {

// The name that the stream of rejections has; no table of a pipeline given here may have it.
inline constexpr std::string_view kRejected = "rejected";

// Writes one Arrow IPC stream per table, in the pipeline's order, and one of the rejections
// (docs/formats/embed.md); the metadata of each one's schema says which it is. Reads and writes
// nothing else. kPermanent: a page that is not JSON or has no items, named "page-00001.json" and so
// on; a table called "rejected"; rows that take more than half of the memory. kTransient: out of
// memory. kInterrupted. And what `take` gives.
base::Status write_transformed(const config::Pipeline& pipeline,
                               const std::vector<std::string_view>& pages,
                               const state::RunContext& context, const columnar::TakeBytes& take);

}  // namespace ashore::embed
