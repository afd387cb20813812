// Shows which page comes after which, for every page style.
#include "extract/paginator.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

using config::PageStyle;

constexpr std::string_view kSource = "http://a.example";

config::Pages pages_by(PageStyle style, std::int64_t size = 10) {
  config::Pages pages;
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

TEST(PaginatorTest, PlansByPageCountOrTotal) {
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, 25)), 3);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, 30)), 3);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, 25, 3)), 3);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10, {}, 7)), 7);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kOffset), facts_of(10, 31)), 4);
}

TEST(PaginatorTest, NoItemsAreOnePage) {
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(0, 0)), 1);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(0, 0, 0)), 1);
}

TEST(PaginatorTest, ASourceThatCapsItsPagesIsAskedForAsManyAsItGives) {
  const auto number = pages_by(PageStyle::kNumber, 100);
  EXPECT_EQ(pages_planned(number, facts_of(50, 120)), 3);
  const auto offset = pages_by(PageStyle::kOffset, 100);
  const auto first = facts_of(50, 120);
  EXPECT_EQ(pages_planned(offset, first), 3);
  EXPECT_EQ(planned_page(offset, page_size(offset, first), 3).offset, 100);
}

TEST(PaginatorTest, WithoutTotalsOrInOtherStylesNothingIsPlanned) {
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kNumber), facts_of(10)), std::nullopt);
  EXPECT_EQ(pages_planned(pages_by(PageStyle::kCursor), facts_of(10, 25, 3)), std::nullopt);
}

TEST(PaginatorTest, NumbersBeginWhereThePipelineSays) {
  auto pages = pages_by(PageStyle::kNumber);
  pages.first = 0;
  EXPECT_EQ(first_page(pages).page, 0);
  EXPECT_EQ(planned_page(pages, page_size(pages, facts_of(10, 25)), 3).page, 2);
}

TEST(PaginatorTest, WithoutTotalsItEndsAfterAPageWithoutItemsNotAfterAShortOne) {
  const auto pages = pages_by(PageStyle::kNumber);
  const auto short_page = facts_of(3);
  auto next = page_after(pages, first_page(pages), seen_at(short_page), kSource);
  ASSERT_TRUE(next.ok() && next.value().next);
  EXPECT_EQ(next.value().next->page, 2);
  EXPECT_EQ(next.value().next->number, 2);
  const auto empty = facts_of(0);
  EXPECT_FALSE(page_after(pages, *next.value().next, seen_at(empty), kSource).value().next);
}

TEST(PaginatorTest, AnOffsetStepsByTheItemsThatCame) {
  const auto pages = pages_by(PageStyle::kOffset);
  const auto facts = facts_of(7);
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(facts), kSource).value().next->offset, 7);
}

TEST(PaginatorTest, ACursorIsPassedOnUntilThereIsNone) {
  const auto pages = pages_by(PageStyle::kCursor);
  EXPECT_EQ(first_page(pages).cursor, std::nullopt);
  const auto more = facts_of(0, {}, {}, "abc");
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(more), kSource).value().next->cursor,
            "abc");
  const auto empty = facts_of(5, {}, {}, "");
  EXPECT_FALSE(page_after(pages, first_page(pages), seen_at(empty), kSource).value().next);
  const auto none = facts_of(5);
  EXPECT_FALSE(page_after(pages, first_page(pages), seen_at(none), kSource).value().next);
}

TEST(PaginatorTest, ANextLinkIsResolvedAgainstThePageItStandsIn) {
  const auto pages = pages_by(PageStyle::kNext);
  const auto facts = facts_of(5, {}, {}, "?page=2");
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(facts), kSource).value().next->url,
            "http://a.example/orders?page=2");
}

TEST(PaginatorTest, ALinkHeaderIsFollowed) {
  const auto pages = pages_by(PageStyle::kLink);
  const auto facts = facts_of(5);
  auto seen = seen_at(facts);
  seen.link_header = "/orders?page=2";
  EXPECT_EQ(page_after(pages, first_page(pages), seen, kSource).value().next->url,
            "http://a.example/orders?page=2");
}

TEST(PaginatorTest, ALinkToAnotherHostIsRefused) {
  const auto pages = pages_by(PageStyle::kNext);
  const auto facts = facts_of(5, {}, {}, "http://b.example/orders?token=1");
  const auto next = page_after(pages, first_page(pages), seen_at(facts), kSource);
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(next.error().what().find("http://b.example/orders"), std::string::npos);
}

TEST(PaginatorTest, MoreDecidesWhereItIsTold) {
  const auto number = pages_by(PageStyle::kNumber);
  auto facts = facts_of(10);
  facts.more = false;
  EXPECT_EQ(page_after(number, first_page(number), seen_at(facts), kSource).value().end,
            End::kMore);
  facts = facts_of(0);
  facts.more = true;
  EXPECT_EQ(page_after(number, first_page(number), seen_at(facts), kSource).value().next->page, 2);
  const auto offset = pages_by(PageStyle::kOffset);
  EXPECT_TRUE(
      page_after(offset, first_page(offset), seen_at(facts), kSource).value().contradiction);
  const auto cursor = pages_by(PageStyle::kCursor);
  facts.items = 10;
  EXPECT_TRUE(
      page_after(cursor, first_page(cursor), seen_at(facts), kSource).value().contradiction);
  facts.next = "abc";
  facts.more = false;
  EXPECT_EQ(page_after(cursor, first_page(cursor), seen_at(facts), kSource).value().end,
            End::kMore);
}

TEST(PaginatorTest, ALastItemLeadsOnUntilAPageWithoutItems) {
  auto pages = pages_by(PageStyle::kCursor);
  pages.last_item = json::Pointer::parse("/id").value();
  auto facts = facts_of(2, {}, {}, "o2");
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(facts), kSource).value().next->cursor,
            "o2");
  facts.next.reset();
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(facts), kSource).error().kind(),
            base::ErrorKind::kPermanent);
  const auto none = facts_of(0);
  EXPECT_EQ(page_after(pages, first_page(pages), seen_at(none), kSource).value().end, End::kEmpty);
}

TEST(PaginatorTest, OnePageIsOnePage) {
  const auto pages = pages_by(PageStyle::kNone);
  const auto facts = facts_of(5, {}, {}, "x");
  EXPECT_FALSE(page_after(pages, first_page(pages), seen_at(facts), kSource).value().next);
}

}  // namespace
}  // namespace ashore::extract
