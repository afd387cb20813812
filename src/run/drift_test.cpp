// Which drift blocks a run, and which is how the source is.
#include "run/drift.h"

#include <gtest/gtest.h>

#include "config/reader.h"

namespace ashore::run {
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
    drift: block
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
      : pipeline_(*config::read_pipeline(kPipeline, "p.yaml", [](std::string_view) {
                     return std::nullopt;
                   }).pipeline) {}

  static state::Drift missing(const std::string& table) {
    return {table, "total", "/total", "missing", "int64", "", 0, ""};
  }
  static state::Drift retyped() {
    return {"orders", "total", "/total", "type", "int64", "string", 2, "\"1\""};
  }

  config::Pipeline pipeline_;
  state::Summary now_;
};

TEST_F(DriftTest, OnlyTablesThatSaySoHold) {
  EXPECT_TRUE(may_block_on_drift(pipeline_));
  now_.drift = {missing("orders"), missing("lines")};
  const auto changes = blocking_drift(pipeline_, now_, std::nullopt);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0], "column 'total' of table 'orders': no item has '/total'");
}

TEST_F(DriftTest, WhatWasMissingBeforeIsNoNews) {
  now_.drift = {missing("orders")};
  EXPECT_TRUE(blocking_drift(pipeline_, now_, now_).empty());
}

TEST_F(DriftTest, AnotherTypeAlwaysHolds) {
  now_.drift = {retyped()};
  const auto changes = blocking_drift(pipeline_, now_, now_);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0],
            "column 'total' of table 'orders': 2 values of '/total' came as string instead of "
            "int64, for example \"1\"");
}

TEST_F(DriftTest, NewPathsHoldTheTableThatTheyLieIn) {
  now_.unmapped = {{"/color", 3, "\"red\""}, {"/lines/*/color", 1, "1"}, {"/size", 1, "2"}};
  state::Summary before;
  before.unmapped = {{"/size", 1, "2"}};
  const auto changes = blocking_drift(pipeline_, now_, before);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0], "a path is new: '/color', 3 times, for example \"red\"");
  EXPECT_TRUE(blocking_drift(pipeline_, now_, std::nullopt).empty());
}

}  // namespace
}  // namespace ashore::run
