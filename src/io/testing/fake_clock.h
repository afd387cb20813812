// A clock for tests: it stands still, and sleeping moves it.
#pragma once

#include <mutex>
#include <vector>

#include "io/clock.h"

namespace ashore::io {

// Threads: as Clock.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(base::Timestamp start = base::timestamp_of_micros(1'667'260'800'000'000))
      : now_(start) {}

  base::Timestamp now() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::steady_clock::time_point steady_now() override {
    const std::lock_guard lock(mutex_);
    return std::chrono::steady_clock::time_point(now_.time_since_epoch());
  }
  bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested()) return false;
    slept_.push_back(duration);
    now_ += duration;
    return true;
  }
  void advance(std::chrono::microseconds duration) {
    const std::lock_guard lock(mutex_);
    now_ += duration;
  }
  // Every sleep so far, in order.
  std::vector<std::chrono::milliseconds> slept() {
    const std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  std::mutex mutex_;
  base::Timestamp now_;                           // guarded by mutex_
  std::vector<std::chrono::milliseconds> slept_;  // guarded by mutex_
};

}  // namespace ashore::io
