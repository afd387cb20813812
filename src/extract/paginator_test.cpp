// Shows which page comes after which, for every page style.
#include "extract/paginator.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

using spec::PageStyle;

constexpr std::string_view kSource = "http://a.example";

spec::Pages pages_by(PageStyle style, std::int64_t size = 10) {
  spec::Pages pages;
  pages.style = style;
  pages.size = size;
  return pages;
}

PageFacts facts_of(std::int64_t items, std::optional<std::int64_t> total = {},
                   std::optional<std::int64_t> page_count = {},
                   std::optional<std::string> next = {}) {
  return {.items = items, .ids = {}, .total = total, .page_count = page_count, .next = next};
}

PageSeen seen_at(const PageFacts& facts, std::string_view url = "http://a.example/orders?page=1") {
  return {.facts = facts, .url = url, .link_header = {}};
}

TEST(PaginatorTest, plans_by_page_count_or_total) {
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, 25)), 3);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, 30)), 3);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, 25, 3)), 3);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, {}, 7)), 7);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kOffset), facts_of(10, 31)), 4);
}

TEST(PaginatorTest, no_items_are_one_page) {
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(0, 0)), 1);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(0, 0, 0)), 1);
}

TEST(PaginatorTest, a_source_that_caps_its_pages_is_asked_for_as_many_as_it_gives) {
  const auto number = pages_by(PageStyle::kNumber, 100);
  EXPECT_EQ(pages_planned(number, facts_of(50, 120)), 3);
  const auto offset = pages_by(PageStyle::kOffset, 100);
  const auto first = facts_of(50, 120);
  EXPECT_EQ(pages_planned(offset, first), 3);
  EXPECT_EQ(planned_page(offset, first, 3).offset, 100);
}

TEST(PaginatorTest, without_totals_or_in_other_styles_nothing_is_planned) {
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10)), std::nullopt);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kCursor), facts_of(10, 25, 3)), std::nullopt);
}

TEST(PaginatorTest, numbers_begin_where_the_pipeline_says) {
  auto pages = pages_by(PageStyle::kNumber);
  pages.first = 0;
  EXPECT_EQ(first_page(pages).page, 0);
  EXPECT_EQ(planned_page(pages, facts_of(10, 25), 3).page, 2);
}

TEST(PaginatorTest, without_totals_it_ends_after_a_page_without_items_not_after_a_short_one) {
  const auto pages = pages_by(PageStyle::kNumber);
  const auto short_page = facts_of(3);
  auto next = page_after(pages, first_page(pages), seen_at(short_page), kSource);
  ASSERT_TRUE(next.ok() && next.value());
  EXPECT_EQ(next.value()->page, 2);
  EXPECT_EQ(next.value()->number, 2);
  const auto empty = facts_of(0);
  EXPECT_FALSE(page_after(pages, *next.value(), seen_at(empty), kSource).value());
}

TEST(PaginatorTest, an_offset_steps_by_the_items_that_came) {
  const auto pages = pages_by(PageStyle::kOffset);
  const auto facts = facts_of(7);
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(facts), kSource).value()->offset, 7);
}

TEST(PaginatorTest, a_cursor_is_passed_on_until_there_is_none) {
  const auto pages = pages_by(PageStyle::kCursor);
  EXPECT_EQ(first_page(pages).cursor, std::nullopt);
  const auto more = facts_of(0, {}, {}, "abc");
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(more), kSource).value()->cursor, "abc");
  const auto empty = facts_of(5, {}, {}, "");
  EXPECT_FALSE(page_after(pages, first_page(pages), seen_at(empty), kSource).value());
  const auto none = facts_of(5);
  EXPECT_FALSE(page_after(pages, first_page(pages), seen_at(none), kSource).value());
}

TEST(PaginatorTest, a_next_link_is_resolved_against_the_page_it_stands_in) {
  const auto pages = pages_by(PageStyle::kNext);
  const auto facts = facts_of(5, {}, {}, "?page=2");
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(facts), kSource).value()->url,
            "http://a.example/orders?page=2");
}

TEST(PaginatorTest, a_link_header_is_followed) {
  const auto pages = pages_by(PageStyle::kLink);
  const auto facts = facts_of(5);
  auto seen = seen_at(facts);
  seen.link_header = "/orders?page=2";
  EXPECT_EQ(page_after(pages, first_page(pages), seen, kSource).value()->url,
            "http://a.example/orders?page=2");
}

TEST(PaginatorTest, a_link_to_another_host_is_refused) {
  const auto pages = pages_by(PageStyle::kNext);
  const auto facts = facts_of(5, {}, {}, "http://b.example/orders?token=1");
  const auto next = page_after(pages, first_page(pages), seen_at(facts), kSource);
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(next.error().what().find("http://b.example/orders"), std::string::npos);
}

TEST(PaginatorTest, one_page_is_one_page) {
  const auto pages = pages_by(PageStyle::kNone);
  const auto facts = facts_of(5, {}, {}, "x");
  EXPECT_FALSE(page_after(pages, first_page(pages), seen_at(facts), kSource).value());
}

}  // namespace
}  // namespace ashore::extract
