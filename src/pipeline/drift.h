// Says which changes of a source's shape hold a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "spec/pipeline.h"
#include "state/summary.h"

namespace ashore::pipeline {

// Pure. Whether any table says `drift: hold`.
bool may_hold_on_drift(const spec::Pipeline& pipeline);

// Pure. The drift of tables that say `drift: hold`, one text each: values of another type; paths
// that vanished and had not in `before`; paths that no column names and that `before` had not. With
// no `before` the unmapped paths of today are how the source is.
std::vector<std::string> holding_drift(const spec::Pipeline& pipeline, const state::Summary& now,
                                       const std::optional<state::Summary>& before);

// What transform said of the newest published landing that began before `started_us`. Errors as
// state::list_runs.
base::Result<std::optional<state::Summary>> read_summary_before(io::ObjectStore& store,
                                                                const spec::Pipeline& pipeline,
                                                                std::int64_t started_us);

}  // namespace ashore::pipeline
