// Shows how local times become instants.
#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace ashore::base {
namespace {

std::string instant(const char* zone, const std::string& local) {
  const auto time = parse_timestamp(local, ZoneRule::kAssumeUtc).value();
  const auto found = TimeZone::find(zone);
  if (!found.ok()) return found.error().message();
  const auto made = found.value().instant_of(time);
  return made.ok() ? format_timestamp(made.value()) : made.error().message();
}

TEST(TimeZoneTest, LocalTimesBecomeInstants) {
  EXPECT_EQ(instant("Europe/Berlin", "2022-07-01T12:00:00.5"), "2022-07-01T10:00:00.500Z");
  EXPECT_EQ(instant("Europe/Berlin", "2022-12-01T12:00:00"), "2022-12-01T11:00:00Z");
  EXPECT_EQ(instant("America/New_York", "2022-12-01T12:00:00"), "2022-12-01T17:00:00Z");
  EXPECT_EQ(instant("Asia/Kolkata", "2022-12-01T12:00:00"), "2022-12-01T06:30:00Z");
  EXPECT_EQ(instant("UTC", "2022-12-01T12:00:00"), "2022-12-01T12:00:00Z");
}

TEST(TimeZoneTest, TimesThatTheClocksSkipOrShowTwiceAreNone) {
  EXPECT_EQ(instant("Europe/Berlin", "2022-03-27T02:30:00"), "the zone's clocks skip this time");
  EXPECT_EQ(instant("Europe/Berlin", "2022-10-30T02:30:00"),
            "the zone's clocks show this time twice");
  EXPECT_EQ(instant("Europe/Berlin", "2022-03-27T03:00:00"), "2022-03-27T01:00:00Z");
}

TEST(TimeZoneTest, UnknownNamesAreNotFound) {
  EXPECT_EQ(TimeZone::find("Mars/Olympus").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(TimeZone::find("").error().kind(), ErrorKind::kNotFound);
}

TEST(TimeZoneTest, TheDataHasAVersion) { EXPECT_GE(time_zone_data_version().size(), 5U); }

}  // namespace
}  // namespace ashore::base
