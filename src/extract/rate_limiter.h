// RateLimiter spaces requests so that a source sees no more of them a second than the pipeline
// says.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>

#include "io/clock.h"

namespace ashore::extract {

// A token bucket that holds one token: requests begin at least 1/rate apart, whoever sends them.
// `clock` must outlive it. Threads: acquire() may be called from any thread at once.
class RateLimiter {
 public:
  // Without a rate acquire() never waits. Precondition: a rate is above 0.
  RateLimiter(io::Clock& clock, std::optional<double> requests_per_second);

  // Waits for a token. Returns false if a stop was requested meanwhile.
  [[nodiscard]] bool acquire(const std::stop_token& stop);

 private:
  std::chrono::milliseconds reserve();

  io::Clock& clock_;
  std::optional<std::chrono::steady_clock::duration> interval_;

  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_token_;  // guarded by mutex_
};

}  // namespace ashore::extract
