// Runs jobs on threads that take indices from a shared counter; the lowest failing index wins.
#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace ashore::base {

namespace {

struct Failure {
  std::size_t index;
  Error error;
};

struct Shared {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> is_over{false};
  std::mutex mutex;
  std::optional<Failure> failure;  // guarded by mutex

  void fail(std::size_t index, Error error) {
    const std::lock_guard lock(mutex);
    if (!failure || index < failure->index) failure = Failure{index, std::move(error)};
    is_over = true;
  }
};

}  // namespace

Status for_each_index(std::size_t count, int threads, const std::function<Status(std::size_t)>& job,
                      const std::stop_token& stop) {
  Shared shared;
  const auto work = [&] {
    while (!shared.is_over && !stop.stop_requested()) {
      const std::size_t index = shared.next++;
      if (index >= count) return;
      auto status = job(index);
      if (!status.ok()) shared.fail(index, std::move(status).error());
    }
  };
  {
    const auto wanted = std::min(count, static_cast<std::size_t>(std::max(threads, 1)));
    std::vector<std::jthread> others;
    for (std::size_t thread = 1; thread < wanted; ++thread) others.emplace_back(work);
    work();
  }
  if (shared.failure) return std::move(shared.failure->error);
  if (shared.next < count) return Error(ErrorKind::kInterrupted, "stopped on request");
  return {};
}

}  // namespace ashore::base
