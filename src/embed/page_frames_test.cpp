// Texts come out as they went in; a cut one is an error, whatever its length says.
#include "embed/page_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ashore::embed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string frame(const std::string& text) {
  std::string bytes;
  for (std::size_t shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>((text.size() >> shift) & 0xff);
  }
  return bytes + text;
}

TEST(PageFramesTest, AreReadInTheirOrder) {
  EXPECT_THAT(read_frames("").value(), IsEmpty());
  const auto bytes = frame("a: 1") + frame("") + frame(std::string(300, 'x'));
  EXPECT_THAT(read_frames(bytes).value(), ElementsAre("a: 1", "", std::string(300, 'x')));
}

TEST(PageFramesTest, OneThatIsCutIsAnError) {
  const auto bytes = frame("{}") + frame("[1, 2]");
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    if (length == frame("{}").size()) continue;
    EXPECT_FALSE(read_frames(std::string_view(bytes).substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(read_frames(std::string(8, '\xff')).ok());
  EXPECT_FALSE(read_frames(std::string(8, '\xff') + "text").ok());
}

}  // namespace
}  // namespace ashore::embed
