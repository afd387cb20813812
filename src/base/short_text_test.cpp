// Texts are cut between characters.
#include "base/short_text.h"

#include <gtest/gtest.h>

namespace ashore::base {
namespace {

TEST(ShortTextTest, LeavesWhatFits) {
  EXPECT_EQ(shortened("", 0), "");
  EXPECT_EQ(shortened("abc", 3), "abc");
}

TEST(ShortTextTest, SaysThatItWasCut) { EXPECT_EQ(shortened("abcd", 3), "abc..."); }

TEST(ShortTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(whole_characters("a\u00e9b", 2), "a");
  EXPECT_EQ(whole_characters("a\u00e9b", 3), "a\u00e9");
  EXPECT_EQ(shortened("\U0001f680\U0001f680", 7), "\U0001f680...");
}

TEST(ShortTextTest, EndsOnBytesThatAreNotUtf8) {
  EXPECT_EQ(whole_characters("\x80\x80\x80", 2), "");
  EXPECT_EQ(whole_characters("\xff\xff\xff", 2), "\xff\xff");
}

}  // namespace
}  // namespace ashore::base
