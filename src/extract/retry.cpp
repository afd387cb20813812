// Back-off and Retry-After: pure functions of what was seen and one random number.
#include "extract/retry.h"

#include <time.h>  // strptime, timegm

#include <algorithm>
#include <cassert>
#include <charconv>
#include <string>

namespace ashore::extract {

using std::chrono::milliseconds;

bool is_retryable(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

milliseconds backoff_wait(const spec::Retry& retry, int attempt, std::uint64_t bits) {
  assert(attempt >= 1);
  std::int64_t wait_max = std::max<std::int64_t>(retry.first_wait.count(), 0);
  for (int doubled = 1; doubled < attempt && wait_max < retry.wait_max.count(); ++doubled) {
    wait_max *= 2;
  }
  wait_max = std::clamp<std::int64_t>(retry.wait_max.count(), 0, wait_max);
  return milliseconds(static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(wait_max + 1)));
}

namespace {

// Longer waits are refused by any limit, so larger numbers need not be exact.
constexpr std::int64_t kSecondsMax = std::int64_t{1} << 40;

std::optional<milliseconds> parse_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  if (problem == std::errc::result_out_of_range) seconds = kSecondsMax;
  return milliseconds(std::min(seconds, kSecondsMax) * 1000);
}

std::optional<base::Timestamp> parse_http_date(const std::string& text) {
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') {
      return base::timestamp_of_micros(std::int64_t{::timegm(&parts)} * 1'000'000);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view text, base::Timestamp now) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  if (const auto wait = parse_seconds(text)) return wait;
  const auto date = parse_http_date(std::string(text));
  if (!date) return std::nullopt;
  return std::max(std::chrono::ceil<milliseconds>(*date - now), milliseconds{0});
}

}  // namespace ashore::extract
