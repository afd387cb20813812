// Sleeps on a condition variable, so that a stop ends the wait at once.
#include "io/system_clock.h"

#include <condition_variable>
#include <mutex>

namespace ashore::io {

base::Timestamp SystemClock::now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady_now() {
  return std::chrono::steady_clock::now();
}

bool SystemClock::sleep(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wakeup;
  std::unique_lock lock(mutex);
  (void)wakeup.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace ashore::io
