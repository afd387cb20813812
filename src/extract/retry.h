// Retry decides which answers are asked for again and how long to wait before.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/timestamp.h"
#include "config/pipeline.h"
#include "io/http_transport.h"

namespace ashore::extract {

// Pure. 408, 425, 429 and every 5xx: the same request may succeed later.
bool is_retryable(int status);

// Pure. Exponential back-off with full jitter: uniform in [0, min(wait_max, first_wait * 2^(n-1))]
// after the n-th attempt failed, `bits` being the chance. Precondition: attempt >= 1.
std::chrono::milliseconds backoff_wait(const config::Retry& retry, int attempt, std::uint64_t bits);

// Pure. Whether an answer refuses the request only because there were too many: 429, or 403 with
// Retry-After or with nothing left of the limit (X-RateLimit-Remaining or RateLimit-Remaining: 0).
bool is_rate_limit(int status, const io::HttpHeaders& headers);

// Pure. How long an answer that was refused asks to wait: Retry-After, or, where it is a rate
// limit, X-RateLimit-Reset or RateLimit-Reset: a number over 10^9 is an instant in seconds since
// 1970 (over 10^11 in milliseconds), a smaller one a delay in seconds. Nothing if it asks for none.
std::optional<std::chrono::milliseconds> wait_asked_for(int status, const io::HttpHeaders& headers,
                                                        base::Timestamp now);

// Pure. What a Retry-After header asks for: seconds, or an HTTP date (all three forms of RFC 9110)
// seen from `now`; a date that has passed is no wait. Nothing if it is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           base::Timestamp now);

// Pure. How long until an HTTP date (all three forms of RFC 9110), seen from `now`; one that has
// passed is no wait. Nothing if it is none.
std::optional<std::chrono::milliseconds> parse_http_date(const std::string& text,
                                                         base::Timestamp now);

}  // namespace ashore::extract
