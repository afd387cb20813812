// A pattern matches whole texts, quickly and without a limit on their length.
#include "base/pattern.h"

#include <gtest/gtest.h>

namespace ashore::base {
namespace {

Pattern pattern(std::string_view expression) { return Pattern::compile(expression).value(); }

TEST(PatternTest, TheWholeTextMustMatch) {
  EXPECT_TRUE(pattern("[0-9a-f]{4}").matches("0a9f"));
  EXPECT_FALSE(pattern("[0-9a-f]{4}").matches("0a9f0"));
  EXPECT_FALSE(pattern("[0-9a-f]{4}").matches("x0a9f"));
  EXPECT_FALSE(pattern("a|b").matches("ab"));
  EXPECT_TRUE(pattern("\\d+-\\w*").matches("12-ab_1"));
  EXPECT_TRUE(pattern("").matches(""));
}

TEST(PatternTest, ADotIsOneCharacterAndNotOneByte) {
  EXPECT_TRUE(pattern("T\xC3\xBCrk.*").matches("T\xC3\xBCrkmen"));
  EXPECT_TRUE(pattern("T.rk").matches("T\xC3\xBCrk"));
  EXPECT_TRUE(pattern("T[\xC3\xBC\xC3\xB6]rk").matches("T\xC3\xBCrk"));
  EXPECT_TRUE(pattern("[\\s\\S]*").matches(std::string_view("a\0b\n", 4)));
}

TEST(PatternTest, WhatIsNoExpressionIsRefused) {
  for (const std::string_view wrong : {"[a", "(a", "*a", "a(?=b)", "(a)\\1", "a{3,2}", "\\"}) {
    const auto compiled = Pattern::compile(wrong);
    ASSERT_FALSE(compiled.ok()) << wrong;
    EXPECT_EQ(compiled.error().kind(), ErrorKind::kPermanent);
  }
  EXPECT_FALSE(Pattern::compile(std::string(1'001, 'a')).ok());
  EXPECT_FALSE(Pattern::compile("(((a{999}){999}){999})").ok());
}

TEST(PatternTest, ALongTextAndACunningOneTakeNoLonger) {
  EXPECT_TRUE(pattern("(a|b)*").matches(std::string(300'000, 'a')));
  EXPECT_FALSE(pattern("(a*)*b").matches(std::string(3'000, 'a')));
}

}  // namespace
}  // namespace ashore::base
