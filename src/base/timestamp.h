// Timestamps are UTC microseconds since 1970 and dates are UTC days, with their text forms.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ashore::base {

// An instant in UTC, microseconds since 1970-01-01T00:00:00Z, years 0001 to 9999.
using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
// A UTC calendar day.
using Date = std::chrono::sys_days;

// What is done with a date-time that has no zone.
enum class ZoneRule {
  kRequired,   // it is refused
  kAssumeUtc,  // it is taken as UTC
};

// Pure. Reads RFC 3339 (`2022-11-01T00:00:00.123456Z`, offsets `+hh:mm`, `t`/`z`/a space allowed,
// seconds may be absent: `2022-11-01T00:00Z`), up to 6 significant fraction digits (further zeros
// are allowed). kPermanent: not a date-time, a day that does not exist (2022-13-45), a year outside
// 0001..9999 after conversion to UTC, digits past microseconds, a missing zone under kRequired,
// a leap second.
Result<Timestamp> parse_timestamp(std::string_view text, ZoneRule zone_rule);

// Pure. Reads `YYYY-MM-DD`. kPermanent: anything else, or a day that does not exist.
Result<Date> parse_date(std::string_view text);

// Pure. `2022-11-01T00:00:00Z`, with 3 or 6 fraction digits only where they are not zero.
std::string format_timestamp(Timestamp timestamp);
// Pure. Always milliseconds: `2022-11-01T00:00:00.000Z`; finer digits are cut.
std::string format_timestamp_millis(Timestamp timestamp);
// Pure. `YYYY-MM-DD`.
std::string format_date(Date date);
// Pure. `20221101T000000Z`, as run ids begin.
std::string format_timestamp_compact(Timestamp timestamp);

// Pure. The UTC day an instant lies in.
inline Date date_of(Timestamp timestamp) {
  return std::chrono::floor<std::chrono::days>(timestamp);
}
// Pure. Microseconds since 1970, as files store them.
inline std::int64_t micros_of(Timestamp timestamp) { return timestamp.time_since_epoch().count(); }
inline Timestamp timestamp_of_micros(std::int64_t micros) {
  return Timestamp(std::chrono::microseconds(micros));
}

}  // namespace ashore::base
