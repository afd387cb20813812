// Which drift holds a run, and which is how the source is.
#include "pipeline/drift.h"

#include <gtest/gtest.h>

#include "spec/reader.h"

namespace ashore::pipeline {
namespace {

constexpr const char* kPipeline = R"(
version: 1
name: shop
source: {url: "https://api.example.com"}
extract:
  request: {path: /orders}
tables:
  orders:
    from: items
    key: [id]
    drift: hold
    columns:
      id: {path: /id, type: string}
      total: {path: /total, type: int64}
  lines:
    from: orders
    each: /lines
    key: [id, line]
    columns:
      id: {parent: id}
      line: {position: true}
)";

class DriftTest : public testing::Test {
 protected:
  DriftTest()
      : pipeline_(*spec::read_pipeline(kPipeline, "p.yaml", [](std::string_view) {
                     return std::nullopt;
                   }).pipeline) {}

  static state::Drift vanished(const std::string& table) {
    return {table, "total", "/total", "vanished", "int64", "", 0, ""};
  }
  static state::Drift retyped() {
    return {"orders", "total", "/total", "type", "int64", "string", 2, "\"1\""};
  }

  spec::Pipeline pipeline_;
  state::Summary now_;
};

TEST_F(DriftTest, OnlyTablesThatSaySoHold) {
  EXPECT_TRUE(may_hold_on_drift(pipeline_));
  now_.drift = {vanished("orders"), vanished("lines")};
  const auto changes = holding_drift(pipeline_, now_, std::nullopt);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0], "column 'total' of table 'orders': no item has '/total'");
}

TEST_F(DriftTest, WhatHadVanishedBeforeIsNoNews) {
  now_.drift = {vanished("orders")};
  EXPECT_TRUE(holding_drift(pipeline_, now_, now_).empty());
}

TEST_F(DriftTest, AnotherTypeAlwaysHolds) {
  now_.drift = {retyped()};
  const auto changes = holding_drift(pipeline_, now_, now_);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0],
            "column 'total' of table 'orders': 2 values of '/total' came as string instead of "
            "int64, for example \"1\"");
}

TEST_F(DriftTest, NewPathsHoldTheTableThatTheyLieIn) {
  now_.unmapped = {{"/color", 3, "\"red\""}, {"/lines/*/color", 1, "1"}, {"/size", 1, "2"}};
  state::Summary before;
  before.unmapped = {{"/size", 1, "2"}};
  const auto changes = holding_drift(pipeline_, now_, before);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0], "a path is new: '/color', 3 times, for example \"red\"");
  EXPECT_TRUE(holding_drift(pipeline_, now_, std::nullopt).empty());
}

}  // namespace
}  // namespace ashore::pipeline
