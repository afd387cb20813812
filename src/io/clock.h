// Clock tells the time and sleeps; code that waits takes one, so that tests never wait.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/timestamp.h"

namespace ashore::io {

// Threads: every method may be called from any thread at once.
class Clock {
 public:
  virtual ~Clock() = default;
  // UTC wall time, microseconds.
  virtual base::Timestamp now() = 0;
  // A clock that never goes back, for durations.
  virtual std::chrono::steady_clock::time_point steady_now() = 0;
  // Waits for `duration`, or until a stop is requested. Returns false if it was stopped.
  virtual bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) = 0;
};

}  // namespace ashore::io
