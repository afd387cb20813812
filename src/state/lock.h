// The one lock of a data folder: who changes published tables or destinations holds it.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "io/env.h"

namespace ashore::state {

// Takes `.lock`, trying again until `wait` is over. `holder` says command, run id and process id;
// ", since <now>" is added to it for others to read. kTransient: another holds it (the message says
// who and since when, the remedy names --wait); kInterrupted.
base::Result<std::unique_ptr<io::StoreLock>> take_lock(io::Env& env, const std::string& holder,
                                                       std::chrono::milliseconds wait,
                                                       const std::stop_token& stop);

}  // namespace ashore::state
