// Shows when a reading is whole.
#include "extract/completeness.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

PageFacts page_of(std::int64_t items, std::optional<std::int64_t> total = {},
                  std::vector<IdDigest> ids = {}) {
  return {.items = items, .ids = std::move(ids), .total = total, .page_count = {}, .next = {}};
}

TEST(CompletenessTest, pages_that_add_up_to_their_total_are_whole) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 3)));
  EXPECT_FALSE(completeness.add(2, page_of(1, 3)));
  EXPECT_FALSE(completeness.finish());
  EXPECT_EQ(completeness.items(), 3);
  EXPECT_EQ(completeness.total(), 3);
}

TEST(CompletenessTest, a_total_that_changes_under_way_is_said_at_once) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 3)));
  const auto incomplete = completeness.add(2, page_of(1, 4));
  ASSERT_TRUE(incomplete);
  EXPECT_EQ(incomplete->why, "page 2 says 4 items in all where page 1 said 3");
  EXPECT_FALSE(incomplete->has_only_duplicates);
}

TEST(CompletenessTest, a_page_count_that_changes_under_way_is_said_at_once) {
  Completeness completeness;
  PageFacts first = page_of(2);
  first.page_count = 2;
  EXPECT_FALSE(completeness.add(1, first));
  first.page_count = 3;
  ASSERT_TRUE(completeness.add(2, first));
}

TEST(CompletenessTest, missing_items_name_the_empty_page) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 5)));
  EXPECT_FALSE(completeness.add(3, page_of(0, 5)));
  EXPECT_FALSE(completeness.add(2, page_of(2, 5)));
  EXPECT_EQ(completeness.finish()->why,
            "the source says 5 items in all, its pages hold 4; page 3 is empty");
}

TEST(CompletenessTest, an_id_that_comes_twice_names_both_places) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2, 4, {{1}, {2}})));
  EXPECT_FALSE(completeness.add(2, page_of(2, 4, {{3}, {1}})));
  const auto incomplete = completeness.finish();
  ASSERT_TRUE(incomplete);
  EXPECT_EQ(incomplete->why, "an id comes twice: id 1 of page 1 and id 2 of page 2");
  EXPECT_TRUE(incomplete->has_only_duplicates);
}

TEST(CompletenessTest, without_totals_and_ids_everything_is_whole) {
  Completeness completeness;
  EXPECT_FALSE(completeness.add(1, page_of(2)));
  EXPECT_FALSE(completeness.add(2, page_of(0)));
  EXPECT_FALSE(completeness.finish());
}

}  // namespace
}  // namespace ashore::extract
