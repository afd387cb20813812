// Shows when a reading is whole.
#include "extract/completeness.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

PageFacts page_of(std::int64_t items, std::optional<std::int64_t> total = {},
                  std::vector<IdDigest> ids = {}) {
  return {.items = items, .ids = std::move(ids), .total = total, .page_count = {}, .next = {}};
}

TEST(CompletenessTest, PagesThatAddUpToTheirTotalAreWhole) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 3)));
  EXPECT_FALSE(completeness.add(2, page_of(1, 3)));
  EXPECT_FALSE(completeness.finish(true));
  EXPECT_EQ(completeness.items(), 3);
  EXPECT_EQ(completeness.total(), 3);
}

TEST(CompletenessTest, ATotalThatChangesUnderWayIsSaidAtOnce) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 3)));
  const auto incomplete = completeness.add(2, page_of(1, 4));
  ASSERT_TRUE(incomplete);
  EXPECT_EQ(incomplete->why, "page 2 says 4 items in all where page 1 said 3");
  EXPECT_EQ(incomplete->fault, Fault::kChanged);
}

TEST(CompletenessTest, APageCountThatChangesUnderWayIsSaidAtOnce) {
  Completeness completeness;
  PageFacts first = page_of(2);
  first.page_count = 2;
  EXPECT_FALSE(completeness.add(1, first));
  first.page_count = 3;
  ASSERT_TRUE(completeness.add(2, first));
}

TEST(CompletenessTest, MissingItemsNameTheEmptyPage) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 5)));
  EXPECT_FALSE(completeness.add(3, page_of(0, 5)));
  EXPECT_FALSE(completeness.add(2, page_of(2, 5)));
  EXPECT_EQ(completeness.finish(true)->why,
            "the source says 5 items in all, its pages hold 4; page 3 is empty");
}

TEST(CompletenessTest, AnIdThatComesTwiceNamesBothPlaces) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 4, {{1}, {2}})));
  EXPECT_FALSE(completeness.add(2, page_of(2, 4, {{3}, {1}})));
  const auto incomplete = completeness.finish(true);
  ASSERT_TRUE(incomplete);
  EXPECT_EQ(incomplete->why, "an id comes twice: id 1 of page 1 and id 2 of page 2");
  EXPECT_EQ(incomplete->fault, Fault::kRepeats);
}

TEST(CompletenessTest, IdsMayRepeatWhereThePipelineSaysSo) {
  Completeness completeness(config::Repeats::kKeep);
  EXPECT_FALSE(completeness.add(1, page_of(2, 3, {{1}, {2}})));
  EXPECT_FALSE(completeness.add(2, page_of(1, 3, {{1}})));
  EXPECT_FALSE(completeness.finish(true));
}

TEST(CompletenessTest, AnItemWithoutAnIdNamesItsPage) {
  Completeness completeness;
  PageFacts second = page_of(2, 4, {{3}});
  second.without_id = 1;
  EXPECT_FALSE(completeness.add(1, page_of(2, 4, {{1}, {2}})));
  EXPECT_FALSE(completeness.add(2, second));
  EXPECT_FALSE(completeness.has_no_ids());
  EXPECT_EQ(completeness.finish(true)->why, "1 of 4 items have no id, the first on page 2");
}

TEST(CompletenessTest, PagesMustBeAsManyAsThePageCount) {
  PageFacts page = page_of(2);
  page.page_count = 5;
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page));
  const auto incomplete = completeness.finish(true);
  ASSERT_TRUE(incomplete);
  EXPECT_EQ(incomplete->why, "the source says 5 pages in all, it gave 1");
  EXPECT_EQ(incomplete->fault, Fault::kDoesNotAddUp);
}

TEST(CompletenessTest, TheSetOfIdsHasOneDigestInAnyOrder) {
  Completeness left;
  EXPECT_FALSE(left.add(1, page_of(2, {}, {{1}, {2}})));
  EXPECT_FALSE(left.finish(true));
  Completeness right;
  EXPECT_FALSE(right.add(1, page_of(1, {}, {{2}})));
  EXPECT_FALSE(right.add(2, page_of(1, {}, {{1}})));
  EXPECT_FALSE(right.finish(true));
  EXPECT_EQ(left.ids_sha256(), right.ids_sha256());
  Completeness other;
  EXPECT_FALSE(other.add(1, page_of(1, {}, {{1}})));
  EXPECT_FALSE(other.finish(true));
  EXPECT_NE(left.ids_sha256(), other.ids_sha256());
}

TEST(CompletenessTest, WithoutTotalsAndIdsEverythingIsWhole) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2)));
  EXPECT_FALSE(completeness.add(2, page_of(0)));
  EXPECT_FALSE(completeness.finish(true));
}

}  // namespace
}  // namespace ashore::extract
