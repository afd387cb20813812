// Heals what a process that died in the middle of a publication left, and does nothing else.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "io/env.h"

namespace ashore::pipeline {

// Takes the lock and finishes (or takes back) an interrupted publication, so that plain readers of
// the folders see exactly the published rows again; a replay's scratch is removed. Every command
// that takes the lock does this first; destinations need no healing, for each load is one
// transaction. Returns the run whose publication was finished, or "". kTransient: the lock is held
// by another after `wait`, or I/O.
base::Result<std::string> recover(std::chrono::milliseconds wait, io::Env& env,
                                  base::EventSink& events, const std::stop_token& stop);

}  // namespace ashore::pipeline
