// The lock of a data folder, which who changes tables or destinations holds, and that of a run.
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

// Takes the lock of one run, runs/<run id>/.lock, under which its pages are landed. Errors as
// take_lock().
base::Result<std::unique_ptr<io::StoreLock>> take_run_lock(io::Env& env, const std::string& run_id,
                                                           const std::string& command,
                                                           std::chrono::milliseconds wait,
                                                           const std::stop_token& stop);

}  // namespace ashore::state
