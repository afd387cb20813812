// Finds the instants of local times.
// Howard Hinnant's date library, the draft of C++20's time zones, which this compiler's library
// lacks; it reads the operating system's data.
#include "base/time_zone.h"

#include <date/tz.h>

#include <exception>
#include <fstream>

namespace ashore::base {

namespace {

const date::time_zone& zone_of(const void* zone) {
  return *static_cast<const date::time_zone*>(zone);
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  try {
    (void)date::get_tzdb();
  } catch (const std::exception& exception) {
    return permanent("no time zone data: " + std::string(exception.what()))
        .with_remedy("Install the package tzdata.");
  }
  try {
    return TimeZone(date::locate_zone(std::string(name)));
  } catch (const std::exception&) {  // the library throws for names that it does not know
    return not_found("no such time zone: '" + std::string(name.substr(0, 60)) + "'");
  }
}

Result<Timestamp> TimeZone::instant_of(Timestamp local) const {
  const date::local_time<std::chrono::microseconds> shown(local.time_since_epoch());
  date::local_info info;
  try {
    info = zone_of(zone_).get_info(std::chrono::floor<std::chrono::seconds>(shown));
  } catch (const std::exception& exception) {
    return permanent(exception.what());
  }
  if (info.result == date::local_info::nonexistent) {
    return permanent("the zone's clocks skip this time");
  }
  if (info.result == date::local_info::ambiguous) {
    return permanent("the zone's clocks show this time twice");
  }
  const Timestamp instant = local - info.first.offset;
  static const Timestamp kFirst{Date(std::chrono::year(1) / 1 / 1)};
  static const Timestamp kPastLast{Date(std::chrono::year(10'000) / 1 / 1)};
  if (instant < kFirst || instant >= kPastLast) return permanent("outside the years 0001 to 9999");
  return instant;
}

std::string time_zone_data_version() {
  // The library looks for a file that Debian does not ship; the data tells its version here.
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  constexpr std::string_view kMark = "# version ";
  std::string line;
  if (!std::getline(file, line) || !line.starts_with(kMark)) return "";
  return line.substr(kMark.size());
}

}  // namespace ashore::base
