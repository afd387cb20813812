// Computes back-off and reads Retry-After.
#include "extract/retry.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <string>

#include "io/http_date.h"

namespace ashore::extract {

using std::chrono::milliseconds;

bool is_retryable(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

namespace {

// The header of that name in lower case, or nullptr.
const std::string* header_of(const io::HttpHeaders& headers, std::string_view name) {
  const auto found = std::ranges::find_if(headers, [&](const auto& header) {
    return std::ranges::equal(header.first, name, {}, [](char character) {
      return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
    });
  });
  return found == headers.end() ? nullptr : &found->second;
}

bool has_nothing_left(const io::HttpHeaders& headers) {
  for (const auto* name : {"x-ratelimit-remaining", "ratelimit-remaining"}) {
    const auto* const left = header_of(headers, name);
    if (left != nullptr && left->find_first_not_of(" \t0") == std::string::npos &&
        left->find('0') != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_rate_limit(int status, const io::HttpHeaders& headers) {
  if (status == 429) return true;
  return status == 403 &&
         (header_of(headers, "retry-after") != nullptr || has_nothing_left(headers));
}

milliseconds backoff_wait(const config::Retry& retry, int attempt, std::uint64_t bits) {
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

}  // namespace

std::optional<milliseconds> parse_http_date(const std::string& text, base::Timestamp now) {
  const auto date = io::http_date(text);
  if (!date) return std::nullopt;
  return std::max(std::chrono::ceil<milliseconds>(*date - now), milliseconds{0});
}

std::optional<milliseconds> parse_retry_after(std::string_view text, base::Timestamp now) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  if (const auto wait = parse_seconds(text)) return wait;
  return parse_http_date(std::string(text), now);
}

namespace {

constexpr double kFirstInstant = 1e9;         // 2001: as a delay it would be 31 years
constexpr double kFirstInstantMillis = 1e11;  // as seconds it would be the year 5138

std::optional<milliseconds> parse_reset(const std::string& text, base::Timestamp now) {
  double number = 0;
  const auto first = std::min(text.find_first_not_of(" \t"), text.size());
  const char* const last = text.data() + text.size();
  const auto [end, problem] = std::from_chars(text.data() + first, last, number);
  const bool is_number = problem == std::errc{} && number >= 0 &&
                         std::string_view(end, last).find_first_not_of(" \t") == std::string::npos;
  if (!is_number) return parse_http_date(text, now);
  constexpr double kSecondsMost = static_cast<double>(kSecondsMax);
  if (number > kFirstInstantMillis) number /= 1000;
  const bool is_instant = number > kFirstInstant;
  const auto wait =
      milliseconds(static_cast<std::int64_t>(std::ceil(std::min(number, kSecondsMost) * 1000)));
  if (!is_instant) return wait;
  const auto since_epoch = std::chrono::floor<milliseconds>(now.time_since_epoch());
  return std::max(wait - since_epoch, milliseconds{0});
}

}  // namespace

std::optional<milliseconds> wait_asked_for(int status, const io::HttpHeaders& headers,
                                           base::Timestamp now) {
  if (const auto* const retry_after = header_of(headers, "retry-after")) {
    if (const auto wait = parse_retry_after(*retry_after, now)) return wait;
  }
  // Many sources send these with every answer; only where the limit was hit do they mean this one.
  if (!is_rate_limit(status, headers)) return std::nullopt;
  for (const auto* name : {"x-ratelimit-reset", "ratelimit-reset"}) {
    const auto* const reset = header_of(headers, name);
    if (reset == nullptr) continue;
    if (const auto wait = parse_reset(*reset, now)) return wait;
  }
  return std::nullopt;
}

}  // namespace ashore::extract
