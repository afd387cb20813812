// Shard plans are read only where their shards are the whole.
#include "state/shard_plan.h"

#include <gtest/gtest.h>

namespace ashore::state {
namespace {

base::Timestamp day(int number) {
  return base::timestamp_of_micros(std::int64_t{number} * 86'400'000'000);
}

ShardPlan by_days() {
  ShardPlan plan{.run_id = "r1",
                 .pipeline_name = "shop",
                 .pipeline_sha256 = "ab",
                 .window = {day(0), day(3)},
                 .concurrency = 2,
                 .shards = {}};
  for (int index = 0; index < 3; ++index) {
    plan.shards.push_back({index, 3, {day(index), day(index + 1)}, {}});
  }
  return plan;
}

ShardPlan by_pages() {
  auto plan = by_days();
  plan.shards = {{0, 2, plan.window, PageRange{1, 4, 0}}, {1, 2, plan.window, PageRange{5, 7, 0}}};
  return plan;
}

TEST(ShardPlanTest, TheTextIsThatOfTheContract) {
  auto plan = by_pages();
  plan.shards[1].pages->items = 10;
  EXPECT_EQ(shard_plan_json(plan),
            R"({"format":"ashore.shards/1","run_id":"r1","pipeline":{"name":"shop","sha256":"ab"},)"
            R"("window":{"start":"1970-01-01T00:00:00Z","end":"1970-01-04T00:00:00Z"},)"
            R"("concurrency":2,"shards":[{"index":0,"of":2,"pages":{"first":1,"last":4}},)"
            R"({"index":1,"of":2,"pages":{"first":5,"last":7,"items":10}}]})"
            "\n");
}

TEST(ShardPlanTest, WhatWasWrittenIsReadBack) {
  for (const auto& plan : {by_days(), by_pages()}) {
    const auto text = shard_plan_json(plan);
    const auto again = parse_shard_plan(text);
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(shard_plan_json(again.value()), text);
  }
  auto open = by_days();
  open.window = {};
  open.shards.front().window.start.reset();
  open.shards.back().window.end.reset();
  EXPECT_TRUE(parse_shard_plan(shard_plan_json(open)).ok());
}

std::string refusal(const ShardPlan& plan) {
  const auto read = parse_shard_plan(shard_plan_json(plan));
  if (read.ok()) return "accepted";
  EXPECT_EQ(read.error().kind(), base::ErrorKind::kPermanent);
  return read.error().message();
}

TEST(ShardPlanTest, ShardsThatAreNotTheWholeAreRefused) {
  const auto expect = [](ShardPlan plan, const std::string& why) {
    EXPECT_NE(refusal(plan).find(why), std::string::npos) << refusal(plan);
  };
  auto plan = by_days();
  plan.shards.erase(plan.shards.begin() + 1);
  expect(plan, "one of 3, here are 2");
  plan = by_days();
  plan.shards[1] = plan.shards[0];
  expect(plan, "shard 1 is missing, in its place is 0");
  plan = by_days();
  plan.shards[1].window.start = day(0);
  expect(plan, "shard 1 of 3");
  plan = by_days();
  plan.shards[2].window.end = day(4);
  expect(plan, "do not end where the window ends");
  plan = by_days();
  plan.shards[1].window.end.reset();
  expect(plan, "has no end");
  plan = by_pages();
  plan.shards[1].pages->first = 6;
  expect(plan, "at page 5");
  plan = by_pages();
  plan.shards[1].pages.reset();
  expect(plan, "some are pages");
  plan = by_days();
  plan.shards.clear();
  expect(plan, "no shards");
  plan = by_days();
  plan.concurrency = 0;
  expect(plan, "concurrency");
  plan = by_days();
  plan.run_id = "../r";
  expect(plan, "run id");
}

TEST(ShardPlanTest, WhatIsNoPlanIsRefused) {
  for (const auto* text : {"", "{", "[]", "{}", R"({"format": "ashore.shards/2"})", "null"}) {
    const auto read = parse_shard_plan(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_FALSE(read.error().remedy().empty());
  }
}

}  // namespace
}  // namespace ashore::state
