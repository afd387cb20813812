// Runs independent jobs on a few threads; results do not depend on how many.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "base/result.h"

namespace ashore::base {

// Calls job(0) ... job(count - 1), each once, on up to `threads` threads (the caller's is one of
// them), and waits for all. Returns the error of the lowest index that failed; once one has failed
// or a stop is requested no further job begins. kInterrupted: stopped before all were done.
// `job` must be safe to call from several threads at once and must not throw.
Status for_each_index(std::size_t count, int threads, const std::function<Status(std::size_t)>& job,
                      const std::stop_token& stop);

}  // namespace ashore::base
