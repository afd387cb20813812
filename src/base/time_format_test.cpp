// Shows how texts of a source's own form become times.
#include "base/time_format.h"

#include <gtest/gtest.h>

namespace ashore::base {
namespace {

// The time that a text says by a format; "wrong" where it is not so written, a '!' where it has a
// zone.
std::string read(const std::string& pattern, const std::string& text) {
  const auto format = TimeFormat::parse(pattern);
  if (!format.ok()) return format.error().message();
  const auto time = format.value().read(text);
  if (!time.ok()) return "wrong";
  return format_timestamp(time.value().time) + (time.value().has_zone ? "!" : "");
}

TEST(TimeFormatTest, ReadsEveryLetter) {
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", "2022-11-01 12:34:56"), "2022-11-01T12:34:56Z");
  EXPECT_EQ(read("%F %T", "2022-11-01 12:34:56"), "2022-11-01T12:34:56Z");
  EXPECT_EQ(read("%d/%b/%Y:%H:%M:%S %z", "01/Nov/2022:12:34:56 +0200"), "2022-11-01T10:34:56Z!");
  EXPECT_EQ(read("%A, %e %B %Y", "Tuesday, 1 november 2022"), "2022-11-01T00:00:00Z");
  EXPECT_EQ(read("%m/%d/%y %I:%M %p", "11/1/22 12:05 am"), "2022-11-01T00:05:00Z");
  EXPECT_EQ(read("%m/%d/%y %I:%M%p", "11/1/69 1:05PM"), "1969-11-01T13:05:00Z");
  EXPECT_EQ(read("%Y%j", "2022305"), "2022-11-01T00:00:00Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S.%f%z", "2022-11-01T00:00:00.1234560Z"),
            "2022-11-01T00:00:00.123456Z!");
  EXPECT_EQ(read("%F %R%%", "2022-11-01 12:34%"), "2022-11-01T12:34:00Z");
  EXPECT_EQ(read("%F%z", "2022-11-01-03:30"), "2022-11-01T03:30:00Z!");
}

TEST(TimeFormatTest, WhatIsNotSoWrittenOrDoesNotExistIsWrong) {
  for (const char* text :
       {"", "2022-11-01", "2022-11-01 12:34:56 ", "x2022-11-01 12:34:56", "2022-02-30 00:00:00",
        "2022-11-01 24:00:00", "2022-11-01 12:60:00", "2022-11-01 12:34:60", "22-11-01 12:34:56"}) {
    EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", text), "wrong") << text;
  }
  EXPECT_EQ(read("%F.%f", "2022-11-01.1234567"), "wrong");
  EXPECT_EQ(read("%F.%f", "2022-11-01."), "wrong");
  EXPECT_EQ(read("%a %F", "Mon 2022-11-01"), "wrong");
  EXPECT_EQ(read("%Y%j", "2022366"), "wrong");
  EXPECT_EQ(read("%F%z", "0001-01-01+01:00"), "wrong");
}

TEST(TimeFormatTest, AFormatThatCannotBeReadBySaysWhy) {
  EXPECT_NE(read("%Q", "").find("unknown letter in the format: '%Q'"), std::string::npos);
  EXPECT_NE(read("%F %", "").find("unknown letter"), std::string::npos);
  EXPECT_NE(read("%F %Y", "").find("twice"), std::string::npos);
  EXPECT_NE(read("%H:%M", "").find("no whole date"), std::string::npos);
  EXPECT_NE(read("%F %I:%M", "").find("%I with %p"), std::string::npos);
}

}  // namespace
}  // namespace ashore::base
