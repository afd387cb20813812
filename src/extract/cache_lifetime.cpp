// Reads Cache-Control, Age and Expires of an answer.
#include "extract/cache_lifetime.h"

#include <strings.h>  // strcasecmp

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "extract/retry.h"

namespace ashore::extract {

using std::chrono::seconds;

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\"");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\"") - first + 1);
}

bool equals(std::string_view text, const char* word) {
  return ::strcasecmp(std::string(text).c_str(), word) == 0;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

struct Directives {
  bool is_kept = true;
  std::optional<std::int64_t> max_age;
  std::optional<std::int64_t> shared_max_age;
};

void read_directive(std::string_view part, Directives* directives) {
  const auto equal = part.find('=');
  const auto name = trimmed(part.substr(0, equal));
  const auto value = equal == std::string_view::npos ? "" : trimmed(part.substr(equal + 1));
  if (equals(name, "no-store") || equals(name, "no-cache")) directives->is_kept = false;
  if (equals(name, "max-age")) directives->max_age = number(value);
  if (equals(name, "s-maxage")) directives->shared_max_age = number(value);
}

Directives directives_of(const io::HttpHeaders& headers) {
  Directives directives;
  for (const auto& [name, value] : headers) {
    if (!equals(name, "cache-control")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      read_directive(rest.substr(0, comma), &directives);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return directives;
}

const std::string* value_of(const io::HttpHeaders& headers, const char* wanted) {
  const auto found = std::ranges::find_if(
      headers, [&](const auto& header) { return equals(header.first, wanted); });
  return found == headers.end() ? nullptr : &found->second;
}

}  // namespace

seconds cache_lifetime(const io::HttpHeaders& headers, base::Timestamp now) {
  const auto directives = directives_of(headers);
  if (!directives.is_kept) return seconds{0};
  const auto max_age = directives.shared_max_age ? directives.shared_max_age : directives.max_age;
  if (max_age) {
    const auto* const age = value_of(headers, "age");
    const auto spent = age == nullptr ? 0 : number(trimmed(*age)).value_or(0);
    return seconds{std::max<std::int64_t>(*max_age - spent, 0)};
  }
  const auto* const expires = value_of(headers, "expires");
  if (expires == nullptr) return seconds{0};
  const auto wait = parse_http_date(*expires, now);
  return std::chrono::ceil<seconds>(wait.value_or(std::chrono::milliseconds{0}));
}

}  // namespace ashore::extract
