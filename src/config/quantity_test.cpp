// Durations, sizes and shares are read exactly or not at all.
#include "config/quantity.h"

#include <gtest/gtest.h>

#include "config/nearest_name.h"

namespace ashore::config {
namespace {

using std::chrono::milliseconds;

TEST(QuantityTest, DurationsHaveAUnit) {
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("30s"), milliseconds(30'000));
  EXPECT_EQ(parse_duration("10m"), milliseconds(600'000));
  EXPECT_EQ(parse_duration("12h"), milliseconds(43'200'000));
  EXPECT_EQ(parse_duration("400d"), milliseconds(34'560'000'000));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  for (const auto* text :
       {"", "5", "-1s", "1.5s", "1h30m", "s", "99999999999999999999d", "40000d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(QuantityTest, SizesAreDecimalOrBinary) {
  EXPECT_EQ(parse_bytes("64MB"), 64'000'000);
  EXPECT_EQ(parse_bytes("1GiB"), 1'073'741'824);
  EXPECT_EQ(parse_bytes("4096"), 4096);
  for (const auto* text : {"", "-1", "1TB", "64 M", "9999999999GB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(QuantityTest, SharesAreFractionsOrPercentages) {
  EXPECT_DOUBLE_EQ(parse_share("0.001").value_or(-1), 0.001);
  EXPECT_DOUBLE_EQ(parse_share("0.1%").value_or(-1), 0.001);
  EXPECT_DOUBLE_EQ(parse_share("100%").value_or(-1), 1);
  for (const auto* text : {"", "%", "1.1", "-0.1", "101%", ".5", "nan"}) {
    EXPECT_EQ(parse_share(text), std::nullopt) << text;
  }
}

TEST(QuantityTest, TheNearestNameIsTheOneWithTheFewestEdits) {
  EXPECT_EQ(nearest_name("colums", {"key", "columns", "checks"}), "columns");
  EXPECT_EQ(nearest_name("kye", {"key", "keep"}), "key");
  EXPECT_EQ(nearest_name("banana", {"key", "keep"}), std::nullopt);
  EXPECT_EQ(suggestion("banana", {"key", "keep"}), "Valid here: key, keep.");
}

}  // namespace
}  // namespace ashore::config
