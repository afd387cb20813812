// Faults come in their order, count themselves and heal.
#include "simulator/fault_plan.h"

#include <gtest/gtest.h>

namespace ashore::simulator {
namespace {

Indexes list(std::vector<std::int64_t> indexes) {
  return std::make_shared<const std::vector<std::int64_t>>(std::move(indexes));
}

TEST(FaultPlanTest, EachFaultSpoilsItsOwnFirstRequests) {
  FaultPlan plan(Faults{.too_many_requests_first = 1, .server_error_first = 2, .html_first = 1});
  EXPECT_EQ(plan.next(), Outcome::kTooManyRequests);
  EXPECT_EQ(plan.next(), Outcome::kServerError);
  EXPECT_EQ(plan.next(), Outcome::kServerError);
  EXPECT_EQ(plan.next(), Outcome::kHtml);
  EXPECT_EQ(plan.next(), Outcome::kAnswer);
}

TEST(FaultPlanTest, EveryNthRequestIsTooManyUntilTheEnd) {
  FaultPlan plan(Faults{.too_many_requests_every = 2, .until_request = 4});
  std::vector<Outcome> outcomes;
  for (int request = 0; request < 6; ++request) outcomes.push_back(plan.next());
  const std::vector<Outcome> expected{Outcome::kAnswer, Outcome::kTooManyRequests,
                                      Outcome::kAnswer, Outcome::kTooManyRequests,
                                      Outcome::kAnswer, Outcome::kAnswer};
  EXPECT_EQ(outcomes, expected);
}

TEST(FaultPlanTest, ATotalIsWrongOnOnePageAsOftenAsAskedFor) {
  FaultPlan plan(Faults{.wrong_total_page = 2, .wrong_total_times = 1});
  EXPECT_EQ(plan.total_error(1), 0);
  EXPECT_EQ(plan.total_error(2), 1);
  EXPECT_EQ(plan.total_error(2), 0);
}

TEST(FaultPlanTest, AnItemMovesToTheFrontAndStaysThere) {
  FaultPlan plan(Faults{.move_after_page = 1});
  const Indexes before = list({0, 1, 2, 3, 4});
  plan.page_served(1, plan.rearrange(before), 2);
  EXPECT_EQ(*plan.rearrange(before), *list({2, 0, 1, 3, 4}));
  plan.page_served(1, plan.rearrange(before), 2);
  EXPECT_EQ(*plan.rearrange(before), *list({2, 0, 1, 3, 4}));
  EXPECT_EQ(*plan.rearrange(list({3, 4})), *list({3, 4}));
}

}  // namespace
}  // namespace ashore::simulator
