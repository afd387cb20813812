// Text from outside is shown on a terminal, never obeyed by it, and harmless text stays as it is.
#include "cli/visible_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ashore::cli {
namespace {

TEST(VisibleTextTest, ControlCharactersAreShown) {
  EXPECT_EQ(visible_text("a\x1b[2J", false), "a\\x1b[2J");
  EXPECT_EQ(visible_text("a\r\x7f", false), "a\\x0d\\x7f");
  EXPECT_EQ(visible_text("\xc2\x9b", false), "\\u009b");
  EXPECT_EQ(visible_text("a\nb", false), "a\\nb");
  EXPECT_EQ(visible_text("a\nb", true), "a\nb");
}

TEST(VisibleTextTest, TabsAndOtherTextStayAsTheyAre) {
  const std::string text = "caf\xc3\xa9\t\xc2\xa0\xf0\x9f\x9a\xa2 50%\xc2";
  EXPECT_EQ(visible_text(text, false), text);
}

TEST(VisibleTextTest, NoTextBringsAControlCharacterThrough) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::elementOf(std::string("\x1b\x07\xc2\x9b\x80\r\n\t")), rc::gen::arbitrary<char>()));
    const auto shown = visible_text(text, false);
    for (std::size_t index = 0; index < shown.size(); ++index) {
      const auto byte = static_cast<unsigned char>(shown[index]);
      RC_ASSERT((byte >= 0x20 || byte == '\t') && byte != 0x7f);
      const auto next = index + 1 < shown.size() ? static_cast<unsigned char>(shown[index + 1]) : 0;
      RC_ASSERT(byte != 0xc2 || next < 0x80 || next >= 0xa0);
    }
    RC_ASSERT(visible_text(shown, false) == shown);
  }));
}

}  // namespace
}  // namespace ashore::cli
