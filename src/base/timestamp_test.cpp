// RFC 3339 with its oddities, days that do not exist, and round trips.
#include "base/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "base/window.h"

namespace ashore::base {
namespace {

std::int64_t micros(std::string_view text, ZoneRule rule = ZoneRule::kRequired) {
  const auto timestamp = parse_timestamp(text, rule);
  EXPECT_TRUE(timestamp.ok()) << text;
  return timestamp.ok() ? micros_of(timestamp.value()) : -1;
}

TEST(TimestampTest, ReadsTheEpochAndItsNeighbours) {
  EXPECT_EQ(micros("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(micros("1970-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(micros("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(micros("2022-11-01T13:41:00.000Z"), 1'667'310'060'000'000);
}

TEST(TimestampTest, OffsetsAreTakenOff) {
  EXPECT_EQ(micros("2022-10-31T20:00:00-04:00"), micros("2022-11-01T00:00:00Z"));
  EXPECT_EQ(micros("2022-11-01T12:45:00+12:45"), micros("2022-11-01T00:00:00Z"));
  EXPECT_EQ(micros("2022-11-01T00:00:00-00:00"), micros("2022-11-01T00:00:00Z"));
  EXPECT_EQ(micros("0001-01-01T12:00:00+12:00"), micros("0001-01-01T00:00:00Z"));
}

TEST(TimestampTest, WhatTheRfcLetsWritersVary) {
  const auto expected = micros("2022-11-01T10:20:00Z");
  for (const auto* text : {"2022-11-01t10:20:00z", "2022-11-01 10:20:00Z", "2022-11-01T10:20Z",
                           "2022-11-01T10:20:00.0Z", "2022-11-01T10:20:00.000000000Z",
                           "2022-11-01T10:20:00.00000000000000000000000000000000000Z"}) {
    EXPECT_EQ(micros(text), expected) << text;
  }
  EXPECT_EQ(micros("2022-11-01T10:20:00.5Z"), expected + 500'000);
  EXPECT_EQ(micros("2022-11-01T10:20:00.123456000Z"), expected + 123'456);
}

TEST(TimestampTest, AMissingZoneIsRefusedOrTakenAsUtc) {
  EXPECT_FALSE(parse_timestamp("2022-11-01T10:20:00", ZoneRule::kRequired).ok());
  EXPECT_EQ(micros("2022-11-01T10:20:00", ZoneRule::kAssumeUtc), micros("2022-11-01T10:20:00Z"));
}

TEST(TimestampTest, WhatIsNoDateTimeIsRefused) {
  for (const auto* text : {"",
                           "Z",
                           "2022-13-45",
                           "2022-13-45T00:00:00Z",
                           "2022-11-01",
                           "2022-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2022-04-31T00:00:00Z",
                           "2022-00-10T00:00:00Z",
                           "2022-11-00T00:00:00Z",
                           "2022-11-01T24:00:00Z",
                           "2022-11-01T10:60:00Z",
                           "2016-12-31T23:59:60Z",
                           "2022-11-01T10:20:00.Z",
                           "2022-11-01T10:20:00.1234567Z",
                           "2022-11-01T10:20:00,5Z",
                           "2022-11-01T10:20:00+0400",
                           "2022-11-01T10:20:00+04",
                           "2022-11-01T10:20:00+24:00",
                           "2022-11-01T10:20:00+04:60",
                           "2022-11-01T10:20:00Zx",
                           "2022-11-01T10:20:00 Z",
                           " 2022-11-01T10:20:00Z",
                           "2022-11-01T10:20:00Z ",
                           "2022-11-1T10:20:00Z",
                           "22-11-01T10:20:00Z",
                           "+2022-11-01T10:20:00Z",
                           "-001-11-01T10:20:00Z",
                           "0000-01-01T00:00:00Z",
                           "10000-01-01T00:00:00Z",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "2022-11-01TT10:20:00Z",
                           "2022-11-01T10:20.5Z",
                           "2022-11-01T10Z",
                           "1667260800",
                           "20221101T102000Z"}) {
    const auto timestamp = parse_timestamp(text, ZoneRule::kAssumeUtc);
    ASSERT_FALSE(timestamp.ok()) << text;
    EXPECT_EQ(timestamp.error().kind(), ErrorKind::kPermanent);
    EXPECT_NE(timestamp.error().what().find(text), std::string::npos) << text;
  }
}

TEST(TimestampTest, ALongTextIsShownInPart) {
  const auto timestamp = parse_timestamp(std::string(1'000'000, '9'), ZoneRule::kRequired);
  EXPECT_LT(timestamp.error().what().size(), 200U);
}

TEST(TimestampTest, LeapYearsHaveTheirDay) {
  EXPECT_TRUE(parse_date("2024-02-29").ok());
  EXPECT_TRUE(parse_date("2000-02-29").ok());
  EXPECT_FALSE(parse_date("2023-02-29").ok());
  EXPECT_FALSE(parse_date("2100-02-29").ok());
  EXPECT_FALSE(parse_date("2022-13-45").ok());
  EXPECT_FALSE(parse_date("2022-11-01T00:00:00Z").ok());
}

TEST(TimestampTest, WritesOnlyTheDigitsThatAreNotZero) {
  EXPECT_EQ(format_timestamp(timestamp_of_micros(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_timestamp(timestamp_of_micros(1'000)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(format_timestamp(timestamp_of_micros(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_timestamp_millis(timestamp_of_micros(1'999)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(format_timestamp_compact(timestamp_of_micros(micros("2022-11-01T10:20:30.5Z"))),
            "20221101T102030Z");
  EXPECT_EQ(format_date(parse_date("0001-01-01").value()), "0001-01-01");
}

constexpr std::int64_t kFirstMicros = -62'135'596'800'000'000;
constexpr std::int64_t kLastMicros = 253'402'300'799'999'999;

TEST(TimestampPropertyTest, EveryTimestampSurvivesItsText) {
  EXPECT_EQ(micros("0001-01-01T00:00:00Z"), kFirstMicros);
  EXPECT_EQ(micros("9999-12-31T23:59:59.999999Z"), kLastMicros);
  EXPECT_TRUE(rc::check([] {
    const auto value = *rc::gen::inRange(kFirstMicros, kLastMicros + 1);
    const auto timestamp = timestamp_of_micros(value);
    const auto again = parse_timestamp(format_timestamp(timestamp), ZoneRule::kRequired);
    RC_ASSERT(again.ok());
    RC_ASSERT(again.value() == timestamp);
    RC_ASSERT(parse_date(format_date(date_of(timestamp))).value() == date_of(timestamp));
  }));
}

TEST(TimestampPropertyTest, AnOffsetMovesTheInstantByItself) {
  EXPECT_TRUE(rc::check([] {
    const auto seconds = *rc::gen::inRange<std::int64_t>(-30'000'000'000, 200'000'000'000);
    const auto hours = *rc::gen::inRange(0, 24);
    const auto minutes = *rc::gen::inRange(0, 60);
    auto text = format_timestamp(timestamp_of_micros(seconds * 1'000'000));
    char offset[8];
    (void)std::snprintf(offset, sizeof offset, "%02d:%02d", hours % 24, minutes % 60);
    text.pop_back();
    const auto shift = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    const auto east = parse_timestamp(text + "+" + offset, ZoneRule::kRequired);
    const auto west = parse_timestamp(text + "-" + offset, ZoneRule::kRequired);
    RC_ASSERT(east.ok() && west.ok());
    RC_ASSERT(west.value() - east.value() == 2 * shift);
  }));
}

TEST(TimestampPropertyTest, AnyTextIsReadOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    (void)parse_timestamp(text, ZoneRule::kAssumeUtc).ok();
    (void)parse_date(text).ok();
  }));
}

// The usual form is read by other code than the same instant with another zone's spelling.
TEST(TimestampTest, TheUsualFormIsReadAsAnyOther) {
  EXPECT_TRUE(rc::check([] {
    std::string text = "2024-02-28T23:59:58.125Z";
    const auto changes = *rc::gen::inRange(0, 6);
    for (int change = 0; change < changes; ++change) {
      const auto place = *rc::gen::inRange<std::size_t>(0, text.size() - 1);
      const bool is_odd = *rc::gen::inRange(0, 8) == 0;
      text[place] = is_odd ? *rc::gen::arbitrary<char>() : *rc::gen::inRange('0', ':');
    }
    const auto usual = parse_timestamp(text, ZoneRule::kRequired);
    const auto other =
        parse_timestamp(text.substr(0, text.size() - 1) + "+00:00", ZoneRule::kRequired);
    RC_ASSERT(usual.ok() == other.ok());
    if (usual.ok()) RC_ASSERT(usual.value() == other.value());
  }));
}

TEST(WindowTest, TheStartIsInsideAndTheEndIsNot) {
  const Window window{.start = timestamp_of_micros(10), .end = timestamp_of_micros(20)};
  EXPECT_TRUE(window.contains(timestamp_of_micros(10)));
  EXPECT_FALSE(window.contains(timestamp_of_micros(20)));
  EXPECT_FALSE(window.is_unbounded());
  EXPECT_TRUE(Window().is_unbounded());
}

}  // namespace
}  // namespace ashore::base
