// Escapes come back through a parser, and numbers are JSON's and no others.
#include "json/text.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

namespace ashore::json {
namespace {

TEST(JsonTextTest, QuotesBackslashesAndControlsAreEscaped) {
  EXPECT_EQ(string_text("a\"b\\c\nd\te\x01 é"), "\"a\\\"b\\\\c\\nd\\u0009e\\u0001 é\"");
}

RC_GTEST_PROP(JsonTextTest, AnyAsciiComesBackThroughAParser, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange('\0', '\x7f'));
  RC_ASSERT(nlohmann::json::parse(string_text(text)).get<std::string>() == text);
}

TEST(JsonTextTest, NumbersAreThoseOfJson) {
  for (const auto* text : {"0", "-0", "10", "1.5", "1e3", "1.50E-07", "-12.0e+2"}) {
    EXPECT_TRUE(is_number(text)) << text;
  }
  for (const auto* text :
       {"", "-", "01", "1.", ".5", "1e", "+1", "1 ", " 1", "0x1", "NaN", "1e+", "--1"}) {
    EXPECT_FALSE(is_number(text)) << text;
  }
}

TEST(JsonTextTest, TildesAndSlashesAreEscapedInPointers) {
  EXPECT_EQ(pointer_token("a/b~c"), "a~1b~0c");
}

TEST(JsonTextTest, AnObjectKeepsTheOrderOfItsFields) {
  std::string json;
  ObjectWriter writer(&json);
  writer.text("b", "x");
  writer.number("a", -1);
  writer.boolean("c", true);
  writer.null("d");
  writer.close();
  EXPECT_EQ(json, R"({"b":"x","a":-1,"c":true,"d":null})");
}

}  // namespace
}  // namespace ashore::json
