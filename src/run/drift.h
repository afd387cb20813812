// Says which changes of a source's shape block a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "state/summary.h"

namespace ashore::run {

// Pure. Whether any table says `drift: block`.
bool may_block_on_drift(const config::Pipeline& pipeline);

// Pure. The drift of tables that say `drift: block`, one text each: values of another type; paths
// that are missing and had not in `before`; paths that no column names and that `before` had not.
// With no `before` the unmapped paths of today are how the source is.
std::vector<std::string> blocking_drift(const config::Pipeline& pipeline, const state::Summary& now,
                                        const std::optional<state::Summary>& before);

// What transform said of the newest published landing that began before `started_us`. Errors as
// state::list_runs.
base::Result<std::optional<state::Summary>> read_summary_before(io::ObjectStore& store,
                                                                const config::Pipeline& pipeline,
                                                                std::int64_t started_us);

}  // namespace ashore::run
