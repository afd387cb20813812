// Shows which links are understood.
#include "extract/link_header.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

std::string found(const std::string& value) {
  return next_link(io::HttpHeaders{{"link", value}}).value_or("none");
}

TEST(LinkHeaderTest, FindsTheNextLinkAmongOthers) {
  EXPECT_EQ(found("<https://a.example/?page=1>; rel=\"prev\", "
                  "<https://a.example/?page=3>; rel=\"next\", <https://a.example/9>; rel=last"),
            "https://a.example/?page=3");
}

TEST(LinkHeaderTest, UnderstandsTheWaysToWriteIt) {
  EXPECT_EQ(found("<a>;rel=next"), "a");
  EXPECT_EQ(found("<a> ; REL = \"NEXT\""), "a");
  EXPECT_EQ(found("<a>; title=\"x, y; rel=\\\"prev\\\"\"; rel=next"), "a");
  EXPECT_EQ(found("<a>; rel=\"last next\""), "a");
  EXPECT_EQ(found("</x,y;z>; rel=next"), "/x,y;z");
}

TEST(LinkHeaderTest, OnlyTheFirstRelOfALinkCounts) {
  EXPECT_EQ(found("<a>; rel=prev; rel=next"), "none");
}

TEST(LinkHeaderTest, LooksAtEveryLinkHeader) {
  EXPECT_EQ(next_link({{"date", "x"}, {"link", "<a>; rel=prev"}, {"Link", "<b>; rel=next"}}), "b");
}

TEST(LinkHeaderTest, WhatIsNoLinkIsNone) {
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
