// Retry decides which answers are asked for again and how long to wait before.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/timestamp.h"
#include "spec/pipeline.h"

namespace ashore::extract {

// Pure. 408, 425, 429 and every 5xx: the same request may succeed later.
bool is_retryable(int status);

// Pure. Exponential back-off with full jitter: uniform in [0, min(wait_max, first_wait * 2^(n-1))]
// after the n-th attempt failed, `bits` being the chance. Precondition: attempt >= 1.
std::chrono::milliseconds backoff_wait(const spec::Retry& retry, int attempt, std::uint64_t bits);

// Pure. What a Retry-After header asks for: seconds, or an HTTP date (all three forms of RFC 9110)
// seen from `now`; a date that has passed is no wait. Nothing if it is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           base::Timestamp now);

}  // namespace ashore::extract
