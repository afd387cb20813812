// TimeZone turns local times of a place into instants, by the system's IANA time zone data.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"

namespace ashore::base {

// A value type; the zone it names is loaded once and lives as long as the program. Threads: any.
class TimeZone {
 public:
  // By its IANA name: "Europe/Berlin", "UTC". kNotFound: the data has no such zone. kPermanent:
  // this machine has no time zone data.
  static Result<TimeZone> find(std::string_view name);

  // The instant of a local time, which is given as if it were UTC. kPermanent: a time that the
  // zone's clocks skip, or show twice; an instant outside the years 0001 to 9999.
  [[nodiscard]] Result<Timestamp> instant_of(Timestamp local) const;

 private:
  explicit TimeZone(const void* zone) : zone_(zone) {}

  const void* zone_;  // of the library's database
};

// The version of the time zone data: "2026a". "" where there is none, or it does not tell.
std::string time_zone_data_version();

}  // namespace ashore::base
