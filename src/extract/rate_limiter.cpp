// Spaces requests in time.
// Tokens are reserved under a lock and waited for outside it, so waiting threads queue fairly.
#include "extract/rate_limiter.h"

#include <algorithm>
#include <cassert>

namespace ashore::extract {

RateLimiter::RateLimiter(io::Clock& clock, std::optional<double> requests_per_second,
                         const RateShare& share)
    : clock_(clock), share_(share), next_token_(clock.steady_now()) {
  assert(share.of >= 1 && share.index >= 0 && share.index < share.of);
  if (!requests_per_second) return;
  assert(*requests_per_second > 0);
  interval_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
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
  if (share_.of == 1) {
    const auto token = std::max(now, next_token_);
    next_token_ = token + *interval_;
    return std::chrono::ceil<std::chrono::milliseconds>(token - now);
  }
  const auto wait = until_slot(std::max(now, next_token_) - now);
  // Half a round on, whatever the two clocks make of it, the next slot is the next one.
  next_token_ = now + wait + *interval_ * share_.of / 2;
  return std::chrono::ceil<std::chrono::milliseconds>(wait);
}

std::chrono::nanoseconds RateLimiter::until_slot(std::chrono::nanoseconds wait) const {
  const auto round = *interval_ * share_.of;
  const std::chrono::nanoseconds wall = clock_.now().time_since_epoch() + wait;
  const auto into_round = (wall - *interval_ * share_.index) % round;
  return into_round == std::chrono::nanoseconds{0} ? wait : wait + round - into_round;
}

}  // namespace ashore::extract
