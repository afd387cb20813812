// Shows which links are understood.
#include "extract/link_header.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

std::string found(const std::string& value) {
  return next_link(io::HttpHeaders{{"link", value}}).value_or("none");
}

TEST(LinkHeaderTest, finds_the_next_link_among_others) {
  EXPECT_EQ(found("<https://a.example/?page=1>; rel=\"prev\", "
                  "<https://a.example/?page=3>; rel=\"next\", <https://a.example/9>; rel=last"),
            "https://a.example/?page=3");
}

TEST(LinkHeaderTest, understands_the_ways_to_write_it) {
  EXPECT_EQ(found("<a>;rel=next"), "a");
  EXPECT_EQ(found("<a> ; REL = \"NEXT\""), "a");
  EXPECT_EQ(found("<a>; title=\"x, y; rel=\\\"prev\\\"\"; rel=next"), "a");
  EXPECT_EQ(found("<a>; rel=\"last next\""), "a");
  EXPECT_EQ(found("</x,y;z>; rel=next"), "/x,y;z");
}

TEST(LinkHeaderTest, only_the_first_rel_of_a_link_counts) {
  EXPECT_EQ(found("<a>; rel=prev; rel=next"), "none");
}

TEST(LinkHeaderTest, looks_at_every_link_header) {
  EXPECT_EQ(next_link({{"date", "x"}, {"link", "<a>; rel=prev"}, {"Link", "<b>; rel=next"}}), "b");
}

TEST(LinkHeaderTest, what_is_no_link_is_none) {
  for (const char* value : {"", "next", "<a", "<a>", "<a>; rel", "<a>; rel=\"", "<a>; rel=nextish",
                            "a; rel=next", "<a>;;,;rel=next", "<a>; rel=\"next\\"}) {
    const auto target = found(value);
    EXPECT_TRUE(target == "none" || target == "a") << value;
  }
  EXPECT_EQ(found("<a>"), "none");
  EXPECT_EQ(found("<a>; rel=nextish"), "none");
}

}  // namespace
}  // namespace ashore::extract
