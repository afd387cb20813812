// Date-times: the instant that the C library finds too.
#include <ctime>
#include <string>

#include "base/timestamp.h"
#include "target.h"

namespace ashore::fuzz {

namespace {

// Seconds since 1970 of `YYYY-MM-DDThh:mm:ss` by the C library, which knows no zone here.
std::time_t seconds_of(const std::string& text) {
  std::tm time{};
  const char* const end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  must(end != nullptr, "the C library reads it too");
  return ::timegm(&time);
}

}  // namespace

void timestamp(std::string_view bytes) {
  const auto read = base::parse_timestamp(bytes, base::ZoneRule::kAssumeUtc);
  const auto strict = base::parse_timestamp(bytes, base::ZoneRule::kRequired);
  must(read.ok() || !strict.ok(), "what needs a zone is read where it may lack one");
  if (const auto date = base::parse_date(bytes); date.ok()) {
    must(base::format_date(date.value()) == bytes, "a date is written as it was read");
  }
  if (!read.ok()) return;
  const auto text = base::format_timestamp(read.value());
  const auto again = base::parse_timestamp(text, base::ZoneRule::kRequired);
  must(again.ok() && again.value() == read.value(), "what is written reads the same");
  if (!strict.ok()) {
    must(bytes.size() >= 16, "a date-time has a date and a time");
  }
  // 2022-11-01T00:00:00 in front: without the zone it is this far from the instant.
  if (bytes.size() < 19 || bytes[16] != ':') return;
  std::string front(bytes.substr(0, 19));
  front[10] = 'T';
  auto seconds = seconds_of(front);
  const auto zone = bytes.find_first_of("+-", 19);
  if (zone != std::string_view::npos) {
    const auto digits = std::string(bytes.substr(zone + 1));
    const auto minutes = std::stoi(digits.substr(0, 2)) * 60 + std::stoi(digits.substr(3, 2));
    seconds -= (bytes[zone] == '+' ? 60 : -60) * minutes;
  }
  const auto micros = base::micros_of(read.value());
  must((micros < 0 ? (micros - 999'999) / 1'000'000 : micros / 1'000'000) == seconds,
       "the second that the C library finds");
}

}  // namespace ashore::fuzz
