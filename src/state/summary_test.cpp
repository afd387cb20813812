// Summaries come back as they were written.
#include "state/summary.h"

#include <gtest/gtest.h>

namespace ashore::state {
namespace {

TEST(SummaryTest, WhatWasWrittenIsReadBack) {
  Summary summary;
  summary.stage = "publish";
  summary.seconds = 0.5;
  summary.extract = ExtractCounts{.requests = 3, .items = 4, .total = 4};
  summary.tables.push_back({.table = "orders", .rows_in = 7, .moved = 1, .version = 2});
  summary.tables.emplace_back().table = "lines";
  summary.unmapped.push_back({.path = "/a/*", .count = 2, .example = "{\"b\":1}"});
  summary.checks.push_back({.table = "orders",
                            .check = "unique: [order_id]",
                            .severity = "fail",
                            .passed = false,
                            .observed = "1",
                            .expected = "0"});
  summary.destinations.push_back(
      {.name = "duckdb:a", .error = "", .tables = {{.table = "orders", .inserted = 7}}});
  summary.warnings = {"a path never occurs"};
  summary.nothing_new = true;
  const auto text = summary_json(summary);
  const auto again = parse_summary(text);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(summary_json(again.value()), text);
  EXPECT_EQ(again.value().tables[0].version, 2);
  EXPECT_EQ(again.value().tables[1].version, std::nullopt);
  EXPECT_EQ(again.value().destinations[0].tables[0].inserted, 7);
}

TEST(SummaryTest, SummariesOfTheFirstReleaseAreRead) {
  Summary summary;
  summary.stage = "merge";
  auto& counts = summary.tables.emplace_back();
  counts.missing = 3;
  counts.deleted = 2;
  summary.drift.emplace_back().kind = "missing";
  auto text = summary_json(summary);
  const auto replace = [&](std::string_view now, std::string_view earlier) {
    for (auto at = text.find(now); at != std::string::npos; at = text.find(now, at)) {
      text.replace(at, now.size(), earlier);
    }
  };
  replace("\"format\": \"ashore.summary/2\",", "");
  replace("\"missing\"", "\"vanished\"");
  replace("\"deleted\"", "\"withdrawn\"");
  const auto read = parse_summary(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read.value().tables[0].missing, 3);
  EXPECT_EQ(read.value().tables[0].deleted, 2);
  EXPECT_EQ(read.value().drift[0].kind, "missing");
}

TEST(SummaryTest, WhatIsNoSummaryIsRefused) {
  EXPECT_EQ(parse_summary("[]").error().kind(), base::ErrorKind::kPermanent);
  EXPECT_EQ(parse_summary("").error().kind(), base::ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::state
