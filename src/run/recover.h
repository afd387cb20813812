// Finishes what a process that died in the middle of a publication left, and does nothing else.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "state/run_context.h"

namespace ashore::run {

// Takes the lock and finishes (or takes back) an interrupted publication, so that plain readers of
// the folders see exactly the published rows again; a replay's scratch is removed. Every command
// that takes the lock does this first; destinations need no healing, for each load is one
// transaction. Returns the run whose publication was finished, or "". kTransient: the lock is held
// by another after `wait`, or I/O.
base::Result<std::string> recover(std::chrono::milliseconds wait, const state::RunContext& context);

// `recover --from-log`: takes the lock and makes the folders of all tables equal to their logs, as
// publish::follow_logs(). Errors as both.
base::Status recover_from_log(std::chrono::milliseconds wait, const state::RunContext& context);

}  // namespace ashore::run
