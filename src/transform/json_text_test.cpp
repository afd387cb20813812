// EscapeFinder says what a look at each value says.
#include "transform/json_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace ashore::transform {
namespace {

TEST(EscapeFinder, SaysWhatALookAtTheValueSays) {
  std::mt19937 random(5);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts every time
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  for (int round = 0; round < 2'000; ++round) {
    std::string text(1 + below(60), 'x');
    for (auto& character : text) {
      if (below(12) == 0) character = '\\';
    }
    EscapeFinder finder(text);
    std::size_t begin = 0;
    for (int value = 0; value < 20; ++value) {
      // Mostly onwards, at times back: an object after what is in it.
      begin = below(5) == 0 ? below(text.size()) : std::min(begin + below(6), text.size() - 1);
      const auto part = std::string_view(text).substr(begin, below(9));
      EXPECT_EQ(finder.is_in(part), has_escape(part)) << text << " from " << begin;
    }
  }
}

TEST(EscapeFinder, FindsNothingWhereThereIsNothing) {
  const std::string text = "plain";
  EscapeFinder finder(text);
  EXPECT_FALSE(finder.is_in(text));
  EXPECT_FALSE(finder.is_in(std::string_view(text).substr(5)));
}

}  // namespace
}  // namespace ashore::transform
