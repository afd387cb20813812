// Shards adjoin, are the whole, and begin where the source can be asked to begin.
#include "cloud/plan_shards.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ashore::cloud {
namespace {

base::Timestamp at(std::string_view text) {
  return base::parse_timestamp(text, base::ZoneRule::kRequired).value();
}

base::Window window(std::string_view start, std::string_view end) { return {at(start), at(end)}; }

std::string text_of(const std::vector<base::Window>& windows) {
  std::string text;
  for (const auto& each : windows) text += base::format_timestamp(*each.start) + " ";
  return text + base::format_timestamp(*windows.back().end);
}

std::string split(const base::Window& whole, SplitBy by, std::int64_t count,
                  config::WindowFormat format = config::WindowFormat::kIsoMillis) {
  const auto windows = split_window(whole, {.by = by, .count = count}, format);
  return windows.ok() ? text_of(windows.value()) : windows.error().message();
}

TEST(SplitWindowTest, DaysAndMonthsEndAtMidnight) {
  const auto days = window("2024-02-28T18:00:00Z", "2024-03-01T06:00:00Z");
  EXPECT_EQ(split(days, SplitBy::kDay, 1),
            "2024-02-28T18:00:00Z 2024-02-29T00:00:00Z 2024-03-01T00:00:00Z 2024-03-01T06:00:00Z");
  const auto months = window("2023-12-31T00:00:00Z", "2024-02-01T00:00:00Z");
  EXPECT_EQ(split(months, SplitBy::kMonth, 1),
            "2023-12-31T00:00:00Z 2024-01-01T00:00:00Z 2024-02-01T00:00:00Z");
}

TEST(SplitWindowTest, PartsOfEqualLengthBeginWhereTheFormatCanSay) {
  const auto three_days = window("2024-01-01T00:00:00Z", "2024-01-04T00:00:00Z");
  EXPECT_EQ(split(three_days, SplitBy::kCount, 2),
            "2024-01-01T00:00:00Z 2024-01-02T12:00:00Z 2024-01-04T00:00:00Z");
  EXPECT_EQ(split(three_days, SplitBy::kCount, 2, config::WindowFormat::kDate),
            "2024-01-01T00:00:00Z 2024-01-02T00:00:00Z 2024-01-04T00:00:00Z");
  EXPECT_EQ(split(three_days, SplitBy::kCount, 100, config::WindowFormat::kDate),
            "2024-01-01T00:00:00Z 2024-01-02T00:00:00Z 2024-01-03T00:00:00Z 2024-01-04T00:00:00Z");
}

TEST(SplitWindowTest, OpenWindowsAndTooManyPartsAreRefused) {
  EXPECT_NE(split({at("2024-01-01T00:00:00Z"), {}}, SplitBy::kCount, 2).find("--by pages"),
            std::string::npos);
  const auto century = window("1900-01-01T00:00:00Z", "2000-01-01T00:00:00Z");
  EXPECT_NE(split(century, SplitBy::kDay, 1).find("10,000"), std::string::npos);
}

RC_GTEST_PROP(SplitWindowTest, PartsAdjoinAndAreTheWhole, ()) {
  // Years 1 to 9999, so that nothing may overflow.
  const auto first =
      *rc::gen::inRange<std::int64_t>(-62'135'596'800'000'000, 253'402'300'799'000'000);
  const auto length = *rc::gen::inRange<std::int64_t>(1, 253'402'300'800'000'000 - first);
  const base::Window whole{base::timestamp_of_micros(first),
                           base::timestamp_of_micros(first + length)};
  const auto count = *rc::gen::inRange<std::int64_t>(1, 200);
  const auto format =
      *rc::gen::element(config::WindowFormat::kDate, config::WindowFormat::kIsoMillis,
                        config::WindowFormat::kUnixSeconds);
  const auto windows = split_window(whole, {.by = SplitBy::kCount, .count = count}, format).value();
  RC_ASSERT(!windows.empty() && static_cast<std::int64_t>(windows.size()) <= count);
  RC_ASSERT(windows.front().start == whole.start && windows.back().end == whole.end);
  for (std::size_t index = 0; index < windows.size(); ++index) {
    RC_ASSERT(*windows[index].start < *windows[index].end);
    if (index > 0) RC_ASSERT(windows[index].start == windows[index - 1].end);
  }
}

RC_GTEST_PROP(SplitPagesTest, RangesAdjoinAndDifferByOneAtMost, ()) {
  const auto pages = *rc::gen::inRange<std::int64_t>(1, 1'000);
  const auto count = *rc::gen::inRange<std::int64_t>(1, 100);
  const auto ranges = split_pages(pages, count);
  RC_ASSERT(static_cast<std::int64_t>(ranges.size()) == std::min(pages, count));
  std::int64_t next = 1;
  for (const auto& range : ranges) {
    RC_ASSERT(range.first == next && range.last >= range.first);
    RC_ASSERT(range.last - range.first <= ranges.front().last - ranges.front().first);
    next = range.last + 1;
  }
  RC_ASSERT(next == pages + 1);
}

}  // namespace
}  // namespace ashore::cloud
