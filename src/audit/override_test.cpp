// An override is named exactly, has a reason, and is kept forever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/testing/audit_fixture.h"

namespace ashore::audit {
namespace {

using testing::HasSubstr;

constexpr std::string_view kChecks =
    "{not_null: [pieces]}, {range: {pieces: {max: 1}}, name: few}, "
    "{range: {weight: {max: 1}}}, {row_count: {min: 9}, severity: warn}, {unique: [order_id]}";

void block(Shop* shop) {
  shop->stage_two_orders("[7, null]");
  ASSERT_FALSE(shop->audit(shop_with(kChecks)).value().passed);
}

base::Result<state::Summary> override_all(Shop* shop, std::vector<std::string> checks,
                                          const std::string& reason = "the source is right") {
  return override_checks({.run_id = "run-1", .checks = std::move(checks), .reason = reason},
                         shop->env());
}

TEST(OverrideTest, AnOverrideIsInTheVerdictTheSummaryAndTheHistory) {
  Shop shop;
  block(&shop);
  const auto some = override_all(&shop, {"not_null", "few"}).value();
  EXPECT_FALSE(may_be_published(some.checks));
  const auto all = override_all(&shop, {"orders.range: {weight: {max: 1}}"}, "it \"grew\"").value();
  EXPECT_TRUE(may_be_published(all.checks));
  EXPECT_EQ(all.checks[2].overridden->reason, "it \"grew\"");
  EXPECT_EQ(all.checks[2].overridden->at, "2024-03-10T00:00:05Z");
  EXPECT_FALSE(all.checks[2].passed);
  const auto read = state::read_summary(shop.store(), "run-1", "audit").value();
  EXPECT_EQ(read.checks[0].overridden, all.checks[0].overridden);
  EXPECT_FALSE(read.checks[4].overridden);
  const auto verdict = shop.store().read("runs/run-1/verdict.json").value();
  EXPECT_THAT(verdict, HasSubstr("the source is right"));
  EXPECT_THAT(verdict, HasSubstr("\"passed\": false"));
  const auto manifest =
      state::read_manifest(shop.store(), state::stage_manifest_path("run-1", "audit")).value();
  EXPECT_EQ(manifest.files[0].sha256, base::to_hex(base::sha256(verdict)));
  const auto history = shop.store().read("runs/run-1/overrides.json").value();
  EXPECT_THAT(history, HasSubstr("ashore.overrides/1"));
  EXPECT_THAT(history, HasSubstr("not_null: [pieces]"));
  EXPECT_THAT(history, HasSubstr("it \\\"grew\\\""));
}

TEST(OverrideTest, AskingAgainChangesNothingAndANewVerdictKeepsTheHistory) {
  Shop shop;
  block(&shop);
  ASSERT_TRUE(override_all(&shop, {"not_null"}).ok());
  const auto history = shop.store().read("runs/run-1/overrides.json").value();
  ASSERT_TRUE(override_all(&shop, {"not_null: [pieces]"}, "another reason").ok());
  EXPECT_EQ(shop.store().read("runs/run-1/overrides.json").value(), history);
  const auto verdict = shop.audit(shop_with(kChecks)).value();
  EXPECT_FALSE(verdict.checks[0].overridden);
  EXPECT_EQ(shop.store().read("runs/run-1/overrides.json").value(), history);
}

TEST(OverrideTest, AWrongNameListsTheFailedChecks) {
  Shop shop;
  block(&shop);
  for (const std::string name : {"uniqe", "unique", "row_count", "lines.not_null", "", "range"}) {
    const auto refused = override_all(&shop, {"not_null", name});
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_THAT(refused.error().message(),
                HasSubstr("failed: 'orders.not_null: [pieces]', 'orders.range: few', "
                          "'orders.range: {weight: {max: 1}}'"));
  }
  EXPECT_FALSE(shop.store().read("runs/run-1/overrides.json").ok());
}

TEST(OverrideTest, AReasonIsRequired) {
  Shop shop;
  block(&shop);
  EXPECT_EQ(override_all(&shop, {"not_null"}, " ").error().kind(), base::ErrorKind::kPermanent);
}

TEST(OverrideTest, WithoutAVerdictThereIsNothingToOverride) {
  Shop shop;
  EXPECT_EQ(override_all(&shop, {"not_null"}).error().kind(), base::ErrorKind::kNotFound);
}

}  // namespace
}  // namespace ashore::audit
