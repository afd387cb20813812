// Dates are read in all three forms; what is none, or lies past the years that instants have, is
// nothing.
#include "io/http_date.h"

#include <gtest/gtest.h>

namespace ashore::io {
namespace {

TEST(HttpDateTest, AllThreeFormsAreTheSameInstant) {
  const auto expected = base::parse_timestamp("1994-11-06T08:49:37Z", base::ZoneRule::kRequired);
  for (const auto* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(http_date(text), expected.value()) << text;
  }
}

TEST(HttpDateTest, WhatIsNoDateIsNothing) {
  for (const auto* text : {"", "soon", "120", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(http_date(text), std::nullopt) << text;
  }
}

TEST(HttpDateTest, YearsEndWhereInstantsDo) {
  const auto last = base::parse_timestamp("9999-12-31T23:59:59Z", base::ZoneRule::kRequired);
  EXPECT_EQ(http_date("Fri, 31 Dec 9999 23:59:59 GMT"), last.value());
  EXPECT_EQ(http_date("Sat, 01 Jan 10000 00:00:00 GMT"), std::nullopt);
  EXPECT_EQ(http_date("Tue01 Nov0670309164"), std::nullopt);  // found by fuzzing: past 64 bits
}

}  // namespace
}  // namespace ashore::io
