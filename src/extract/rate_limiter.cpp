// Spaces requests in time.
// Tokens are reserved under a lock and waited for outside it, so waiting threads queue fairly.
#include "extract/rate_limiter.h"

#include <algorithm>
#include <cassert>

namespace ashore::extract {

RateLimiter::RateLimiter(io::Clock& clock, std::optional<double> requests_per_second)
    : clock_(clock), next_token_(clock.steady_now()) {
  if (!requests_per_second) return;
  assert(*requests_per_second > 0);
  interval_ = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(1.0 / *requests_per_second));
}

bool RateLimiter::acquire(const std::stop_token& stop) {
  if (!interval_) return !stop.stop_requested();
  const auto wait = reserve();
  if (wait <= std::chrono::milliseconds{0}) return !stop.stop_requested();
  return clock_.sleep(wait, stop);
}

std::chrono::milliseconds RateLimiter::reserve() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  const auto token = std::max(now, next_token_);
  next_token_ = token + *interval_;
  return std::chrono::ceil<std::chrono::milliseconds>(token - now);
}

}  // namespace ashore::extract
