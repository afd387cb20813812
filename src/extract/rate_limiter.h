// RateLimiter spaces requests so that a source sees no more of them a second than the pipeline
// says.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

#include "io/clock.h"

namespace ashore::extract {

// A part of a rate that processes share which know nothing of each other.
struct RateShare {
  std::int64_t of = 1;     // among how many, from 1
  std::int64_t index = 0;  // which part, from 0
};

// A token bucket that holds one token: requests begin at least 1/rate apart, whoever sends them.
// Where the rate is shared, time is cut into slots of 1/rate by the wall clock, and this process
// begins a request in every of-th slot only: those of others stay free for them, as far as clocks
// agree. `clock` must outlive it. Threads: acquire() may be called from any thread at once.
class RateLimiter {
 public:
  // Without a rate acquire() never waits. Precondition: a rate is above 0.
  RateLimiter(io::Clock& clock, std::optional<double> requests_per_second,
              const RateShare& share = {});

  // Waits for a token. Returns false if a stop was requested meanwhile.
  [[nodiscard]] bool acquire(const std::stop_token& stop);

 private:
  std::chrono::milliseconds reserve();
  // From `wait` on, until a slot of ours begins.
  [[nodiscard]] std::chrono::nanoseconds until_slot(std::chrono::nanoseconds wait) const;

  io::Clock& clock_;
  const RateShare share_;
  std::optional<std::chrono::nanoseconds> interval_;

  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_token_;  // guarded by mutex_
};

}  // namespace ashore::extract
