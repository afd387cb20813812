// Takes the data folder's lock, asking again every tenth of a second until the wait is over.
#include "state/lock.h"

#include <unistd.h>

#include <algorithm>

#include "base/timestamp.h"
#include "state/run_folder.h"

namespace ashore::state {

namespace {

constexpr std::chrono::milliseconds kPause{100};

base::Result<std::unique_ptr<io::StoreLock>> take(io::Env& env, const std::string& path,
                                                  const std::string& holder,
                                                  std::chrono::milliseconds wait,
                                                  const std::stop_token& stop) {
  const auto line = holder + ", since " + base::format_timestamp(env.clock.now());
  const auto deadline = env.clock.steady_now() + wait;
  while (true) {
    auto lock = env.store.lock(path, line);
    // Only "another holds it" and I/O are transient; both may pass.
    if (lock.ok() || lock.error().kind() != base::ErrorKind::kTransient) return lock;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - env.clock.steady_now());
    if (left <= std::chrono::milliseconds::zero()) {
      return std::move(lock)
          .error()
          .within("take the lock")
          .with_remedy("Wait for that process to end, or say --wait with how long to wait for it");
    }
    if (!env.clock.sleep(std::min(kPause, left), stop)) {
      return base::Error(base::ErrorKind::kInterrupted, "interrupted while waiting for the lock");
    }
  }
}

}  // namespace

base::Result<std::unique_ptr<io::StoreLock>> take_lock(io::Env& env, const std::string& holder,
                                                       std::chrono::milliseconds wait,
                                                       const std::stop_token& stop) {
  return take(env, std::string(kLockPath), holder, wait, stop);
}

base::Result<std::unique_ptr<io::StoreLock>> take_run_lock(io::Env& env, const std::string& run_id,
                                                           const std::string& command,
                                                           std::chrono::milliseconds wait,
                                                           const std::stop_token& stop) {
  const auto holder =
      "ashore " + command + ", run " + run_id + ", process " + std::to_string(::getpid());
  return take(env, run_file(run_id, kLockPath), holder, wait, stop)
      .within("land run '" + run_id + "'");
}

}  // namespace ashore::state
