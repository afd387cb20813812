// Statistics promise what the log entry says, and nothing where it is silent or strange.
#include "delta/statistics.h"

#include <gtest/gtest.h>

#include "delta/testing/tables.h"

namespace ashore::delta {
namespace {

base::Timestamp at(std::string_view text) {
  return base::parse_timestamp(text, base::ZoneRule::kRequired).value();
}

AddFile with_statistics(const std::string& text) {
  auto file = orders_file("2022-11-01", "a", 2);
  file.stats_json = text;
  return file;
}

TEST(StatisticsTest, APartitionValueIsItsOwnRange) {
  const auto range = instant_range(orders_file("2022-11-01", "a", 2), "p_day");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->least, at("2022-11-01T00:00:00Z"));
  EXPECT_EQ(range->greatest, at("2022-11-01T00:00:00Z"));
  EXPECT_FALSE(instant_range(orders_file(std::nullopt, "a", 2), "p_day").has_value());
}

TEST(StatisticsTest, StatisticsBoundTimestampsAndDates) {
  const auto file = with_statistics(
      R"({"numRecords":2,"minValues":{"at":"2022-11-01T00:00:00.123Z","on":"2022-11-01"},)"
      R"("maxValues":{"at":"2022-11-02T00:00:00.456Z","on":"2022-11-03"}})");
  const auto times = instant_range(file, "at");
  ASSERT_TRUE(times.has_value());
  EXPECT_EQ(times->least, at("2022-11-01T00:00:00.123Z"));
  EXPECT_GE(times->greatest, at("2022-11-02T00:00:00.456999Z"));
  const auto dates = instant_range(file, "on");
  ASSERT_TRUE(dates.has_value());
  EXPECT_EQ(dates->least, at("2022-11-01T00:00:00Z"));
  EXPECT_GE(dates->greatest, at("2022-11-03T00:00:00Z"));
}

TEST(StatisticsTest, WhatIsNotSaidOrNoInstantIsNoRange) {
  for (const auto* text : {"", "{", "[]", "{}", R"({"minValues":{"at":"2022-11-01"}})",
                           R"({"minValues":{"at":1},"maxValues":{"at":2}})",
                           R"({"minValues":{"at":"soon"},"maxValues":{"at":"2022-11-01"}})",
                           R"({"minValues":[],"maxValues":null})"}) {
    EXPECT_FALSE(instant_range(with_statistics(text), "at").has_value()) << text;
  }
}

TEST(StatisticsTest, NullCountsAreThoseOfTheEntry) {
  const auto file = with_statistics(R"({"numRecords":2,"nullCount":{"a":0,"b":2,"c":"x"}})");
  EXPECT_EQ(null_count(file, "a"), 0);
  EXPECT_EQ(null_count(file, "b"), 2);
  EXPECT_EQ(null_count(file, "c"), std::nullopt);
  EXPECT_EQ(null_count(file, "d"), std::nullopt);
  EXPECT_EQ(null_count(file, "p_day"), 0);
  EXPECT_EQ(null_count(orders_file(std::nullopt, "a", 2), "p_day"), 2);
  EXPECT_EQ(null_count(with_statistics("{"), "a"), std::nullopt);
}

TEST(StatisticsTest, NullCountsOfOtherProgramsAreNotReliedOn) {
  auto file = with_statistics(R"({"numRecords":2,"nullCount":{"a":0}})");
  file.tags.clear();
  EXPECT_EQ(null_count(file, "a"), std::nullopt);
}

}  // namespace
}  // namespace ashore::delta
