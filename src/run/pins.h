// Pins keep tables where a rollback put them; a rollback without one lasts until the next run.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/env.h"
#include "io/object_store.h"

namespace ashore::run {

// Keeps all tables of a pipeline (stage/.pins/<table>.json): until unpin() nothing but a rollback
// publishes them. `run_id` is the run that they were rolled back to.
base::Status pin(io::Env& env, const config::Pipeline& pipeline, const std::string& run_id);
// Lets them go. Returns how many were pinned.
base::Result<int> unpin(io::ObjectStore& store, const config::Pipeline& pipeline);
// kBlockedByCheck: a table is pinned; it says since when and to which run, and the way out.
base::Status check_pins(io::ObjectStore& store, const config::Pipeline& pipeline);

// The run to which a table was rolled back by its newest version; nothing where that is of no
// rollback. Errors as ObjectStore::read; a log that cannot be read tells nothing.
base::Result<std::optional<std::string>> rolled_back_by(io::ObjectStore& store,
                                                        const std::string& table);
// Whether a table is pinned.
base::Result<bool> is_pinned(io::ObjectStore& store, const std::string& table);

}  // namespace ashore::run
