// Each check judges the whole table as it would be and shows the rows that break it.
#include "audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/testing/audit_fixture.h"

namespace ashore::audit {
namespace {

using testing::HasSubstr;

// Three orders in two files of one partition; the second lacks everything but its key.
std::vector<std::string> three_columns() {
  return {R"(["c", "d", "e"])",
          "[1709337600000000, null, 1709341200000000]",
          "[3, null, 50]",
          "[2.5, null, 3.5]",
          R"(["-1.00", null, "99.99"])",
          "[true, null, true]",
          R"(["[]", null, "1"])"};
}

void stage_all_null(Shop* shop) {
  shop->stage_orders({}, {R"(["x", "y"])", "[null, null]", "[null, null]", "[null, null]",
                          "[null, null]", "[null, null]", "[null, null]"});
}

TEST(AuditTest, NotNullCountsNullsOfPublishedAndStagedRowsAndShowsTheirKeys) {
  Shop shop;
  shop.publish_orders("2024-03-02", three_columns());
  shop.stage_two_orders("[1, null]");
  const auto check = shop.judge("{not_null: [pieces, weight]}");
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.check, "not_null: [pieces, weight]");
  EXPECT_EQ(check.observed,
            "3 nulls, for example (order_id=d, pieces=null, weight=null); "
            "(order_id=b, pieces=null, weight=1.5)");
  EXPECT_EQ(check.expected, "no null");
}

TEST(AuditTest, NotNullPassesWithoutNullsAndOnAnEmptyTable) {
  Shop shop;
  EXPECT_TRUE(shop.judge("{not_null: [pieces]}").passed);
  shop.stage_two_orders();
  const auto check = shop.judge("{not_null: [pieces, day]}");
  EXPECT_TRUE(check.passed);
  EXPECT_EQ(check.observed, "no null");
}

TEST(AuditTest, APartitionColumnIsJudgedLikeAnyOther) {
  Shop shop;
  shop.stage_two_orders();
  stage_all_null(&shop);
  EXPECT_THAT(shop.judge("{not_null: [day]}").observed,
              HasSubstr("2 nulls, for example (order_id=x, day=null)"));
  EXPECT_THAT(shop.judge("{range: {day: {max: 2024-02-28}}}").observed,
              HasSubstr("2 values outside, for example (order_id=a, day=2024-03-01)"));
}

TEST(AuditTest, ARemovedFileIsNoLongerJudged) {
  Shop shop;
  shop.publish_orders("2024-03-02", three_columns());
  shop.remove_orders(0);
  shop.stage_two_orders();
  EXPECT_TRUE(shop.judge("{not_null: [pieces]}").passed);
  EXPECT_EQ(shop.judge("{row_count: {max: 2}}").observed, "2 rows");
}

TEST(AuditTest, UniqueSeesDuplicatesAcrossFilesAndIgnoresNulls) {
  Shop shop;
  shop.publish_orders("2024-03-02", three_columns());
  stage_all_null(&shop);
  EXPECT_TRUE(shop.judge("{unique: [pieces]}").passed);
  shop.stage_two_orders("[3, 3]");
  const auto check = shop.judge("{unique: [pieces]}");
  EXPECT_EQ(check.observed,
            "2 duplicates, for example (order_id=a, pieces=3); (order_id=b, pieces=3)");
  EXPECT_EQ(check.expected, "no duplicate");
  EXPECT_TRUE(shop.judge("{unique: [pieces, order_id]}").passed);
}

TEST(AuditTest, ReferencesShowRowsThatPointNowhere) {
  Shop shop;
  shop.stage_two_orders();
  shop.stage_lines({R"(["a", "b", "z"])", "[0, 0, 7]", R"(["p", null, "q"])"});
  const auto check = shop.judge("", "{references: {order_id: orders.order_id}}");
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.observed, "1 dangling reference, for example (order_id=z, line=7)");
  // A null refers to nothing; the articles that are there are no orders.
  EXPECT_THAT(shop.judge("", "{references: {article: orders.order_id}}").observed,
              HasSubstr("2 dangling references"));
}

TEST(AuditTest, ReferencesIntoAnEmptyTableAllDangle) {
  Shop shop;
  shop.stage_lines({R"(["a"])", "[0]", R"(["p"])"});
  EXPECT_FALSE(shop.judge("", "{references: {order_id: orders.order_id}}").passed);
}

TEST(AuditTest, RowCountHasTwoEnds) {
  Shop shop;
  EXPECT_EQ(shop.judge("{row_count: {min: 1}}").observed, "0 rows");
  shop.stage_two_orders();
  EXPECT_TRUE(shop.judge("{row_count: {min: 2, max: 2}}").passed);
  const auto check = shop.judge("{row_count: {min: 3}}");
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.expected, "at least 3 rows");
}

TEST(AuditTest, AcceptedValuesHoldForEveryComparableType) {
  Shop shop;
  shop.stage_two_orders();
  stage_all_null(&shop);
  EXPECT_TRUE(shop.judge("{accepted_values: {order_id: [a, b, x, y]}}").passed);
  EXPECT_TRUE(shop.judge("{accepted_values: {pieces: [1, 2]}}").passed);
  EXPECT_TRUE(shop.judge("{accepted_values: {is_paid: [true, false]}}").passed);
  EXPECT_TRUE(shop.judge("{accepted_values: {day: [2024-03-01]}}").passed);
  EXPECT_TRUE(shop.judge("{accepted_values: {placed_at: [\"2024-03-01T00:00:00Z\", "
                         "\"2024-03-01T02:00:00+01:00\"]}}")
                  .passed);
  const auto check = shop.judge("{accepted_values: {pieces: [2, 3]}}");
  EXPECT_EQ(check.observed, "1 other value, for example (order_id=a, pieces=1)");
  EXPECT_EQ(check.expected, "one of 2, 3");
  EXPECT_FALSE(shop.judge("{accepted_values: {is_paid: [true]}}").passed);
}

TEST(AuditTest, RangeIncludesItsEndsInEveryOrderedType) {
  Shop shop;
  shop.stage_two_orders();
  stage_all_null(&shop);
  EXPECT_TRUE(shop.judge("{range: {pieces: {min: 1, max: 2}}}").passed);
  EXPECT_FALSE(shop.judge("{range: {pieces: {min: 2}}}").passed);
  EXPECT_TRUE(shop.judge("{range: {weight: {min: 0.5, max: 1.5}}}").passed);
  EXPECT_FALSE(shop.judge("{range: {weight: {max: 1.4999999}}}").passed);
  EXPECT_TRUE(shop.judge("{range: {price: {min: 1.5, max: 20}}}").passed);
  EXPECT_FALSE(shop.judge("{range: {price: {max: 19.99}}}").passed);
  EXPECT_TRUE(shop.judge("{range: {day: {min: 2024-03-01, max: 2024-03-01}}}").passed);
  EXPECT_TRUE(shop.judge("{range: {placed_at: {min: \"2024-03-01T00:00:00Z\"}}}").passed);
  EXPECT_FALSE(shop.judge("{range: {placed_at: {max: \"2024-03-01T00:59:59Z\"}}}").passed);
  const auto check = shop.judge("{range: {price: {min: 2.00, max: 20}}}");
  EXPECT_EQ(check.observed, "1 value outside, for example (order_id=a, price=1.50)");
  EXPECT_EQ(check.expected, "2.00 to 20");
}

TEST(AuditTest, MatchesHoldsWholeTextsToAPattern) {
  Shop shop;
  EXPECT_TRUE(shop.judge("{matches: {order_id: \"[a-c]\"}}").passed);
  shop.stage_two_orders();
  EXPECT_TRUE(shop.judge("{matches: {order_id: \"[a-c]\"}}").passed);
  const auto check = shop.judge("{matches: {order_id: \"[b-z]\"}}");
  EXPECT_EQ(check.observed, "1 value that does not match, for example (order_id=a)");
  EXPECT_EQ(check.expected, "all of [b-z]");
}

TEST(AuditTest, RowCountChangeComparesWithThePublishedVersion) {
  Shop shop;
  shop.stage_two_orders();
  EXPECT_TRUE(shop.judge("{row_count_change: {decrease_max: 0, increase_max: 0}}").passed);
  shop.publish_orders("2024-03-02", three_columns());
  const auto grown = shop.judge("{row_count_change: {increase_max: 50%}}");
  EXPECT_FALSE(grown.passed);
  EXPECT_EQ(grown.observed, "5 rows after 3, +66.6667 %");
  EXPECT_EQ(grown.expected, "at most 50 % more");
  EXPECT_TRUE(shop.judge("{row_count_change: {increase_max: 150%}}").passed);
  shop.remove_orders(0);
  const auto shrunk = shop.judge("{row_count_change: {decrease_max: 10%, increase_max: 1}}");
  EXPECT_FALSE(shrunk.passed);
  EXPECT_EQ(shrunk.observed, "2 rows after 3, -33.3333 %");
  EXPECT_EQ(shrunk.expected, "at most 10 % fewer, at most 100 % more");
}

TEST(AuditTest, FreshnessIsMeasuredAtTheLanding) {
  Shop shop;
  EXPECT_EQ(shop.judge("{freshness: {placed_at: 8d}}").observed, "no value");
  stage_all_null(&shop);
  EXPECT_FALSE(shop.judge("{freshness: {day: 8d}}").passed);
  shop.stage_two_orders();
  EXPECT_TRUE(shop.judge("{freshness: {placed_at: 215h}}").passed);
  EXPECT_TRUE(shop.judge("{freshness: {day: 9d}}").passed);
  const auto check = shop.judge("{freshness: {placed_at: 214h}}");
  EXPECT_FALSE(check.passed);
  EXPECT_EQ(check.observed, "the newest is 2024-03-01T01:00:00Z, 215h before the landing");
  EXPECT_EQ(check.expected, "at most 214h before the landing");
}

TEST(AuditTest, DeletionsAreJudgedByDefaultAndByTheTablesOwnCheck) {
  Shop shop;
  shop.stage_two_orders();
  EXPECT_TRUE(shop.audit(shop_with("")).value().checks.empty());
  auto& counts = shop.table("orders").counts;
  counts.unchanged = 20;
  counts.missing = 6;
  counts.deleted = 6;
  const auto verdict = shop.audit(shop_with("")).value();
  ASSERT_EQ(verdict.checks.size(), 1U);
  EXPECT_FALSE(verdict.passed);
  EXPECT_EQ(verdict.checks[0].check, "deleted");
  EXPECT_EQ(verdict.checks[0].observed, "6 of 26 rows deleted");
  EXPECT_EQ(verdict.checks[0].expected, "at most 5 (the larger of 5 and 20 %)");
  EXPECT_TRUE(shop.judge("{deleted: {max_rows: 6}}").passed);
  EXPECT_TRUE(shop.judge("{deleted: {max: 25%}}").passed);
  EXPECT_FALSE(shop.judge("{deleted: {max_rows: 0, max: 0}}").passed);
}

TEST(AuditTest, AWarningIsToldAndDoesNotHold) {
  Shop shop;
  shop.stage_two_orders("[1, null]");
  const auto verdict = shop.audit(shop_with("{not_null: [pieces], severity: warn}")).value();
  EXPECT_TRUE(verdict.passed);
  EXPECT_FALSE(verdict.checks[0].passed);
  EXPECT_TRUE(may_be_published(verdict.checks));
}

TEST(AuditTest, ATableThatWouldNotExistIsNotJudged) {
  Shop shop;
  shop.table("orders").changes_schema = false;
  shop.table("lines").changes_schema = false;
  EXPECT_TRUE(shop.audit(shop_with("{row_count: {min: 1}}")).value().checks.empty());
}

TEST(AuditTest, TheVerdictIsWrittenAndReplacedByTheNext) {
  Shop shop;
  shop.stage_two_orders("[1, null]");
  EXPECT_FALSE(shop.audit(shop_with("{not_null: [pieces]}")).value().passed);
  EXPECT_THAT(shop.store().read("runs/run-1/verdict.json").value(), HasSubstr("\"passed\": false"));
  const auto verdict = shop.audit(shop_with("{not_null: [order_id]}")).value();
  EXPECT_TRUE(verdict.passed);
  const auto text = shop.store().read("runs/run-1/verdict.json").value();
  EXPECT_THAT(text, HasSubstr("\"check\": \"not_null: [order_id]\""));
  EXPECT_EQ(verdict.manifest.files[0].sha256, base::to_hex(base::sha256(text)));
  EXPECT_EQ(state::read_summary(shop.store(), "run-1", "audit").value().checks.size(), 1U);
}

TEST(AuditTest, AManyFiledTableIsReadInBlocksAndOneThreadSeesTheSame) {
  Shop shop;
  for (int file = 0; file < 150; ++file) {
    const auto id = std::to_string(1000 + file);
    shop.stage_orders("2024-03-01", {"[\"" + id + "\"]", "[0]", file == 120 ? "[null]" : "[1]",
                                     "[1]", "[\"1.00\"]", "[true]", "[null]"});
  }
  const auto many = shop.judge("{not_null: [pieces]}");
  EXPECT_EQ(many.observed, "1 null, for example (order_id=1120, pieces=null)");
  shop.context().threads = 1;
  EXPECT_EQ(shop.judge("{not_null: [pieces]}").observed, many.observed);
}

TEST(AuditTest, AFileThatMergeDidNotWriteIsRefused) {
  Shop shop;
  shop.stage_two_orders();
  ASSERT_TRUE(shop.audit(shop_with("")).ok());
  auto merged =
      state::read_manifest(shop.store(), state::stage_manifest_path("run-1", "merge")).value();
  merged.files[0].sha256 = std::string(64, '0');
  const auto verdict = audit(shop_with(""), merged, {.run_id = "run-1"}, shop.context());
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().kind(), base::ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::audit
