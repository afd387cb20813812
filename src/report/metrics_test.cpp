// Metrics are well formed whatever names hold, and say what the report says.
#include "report/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/memory_store.h"

namespace ashore::report {
namespace {

using testing::HasSubstr;
using testing::Not;

RunReport blocked_run() {
  RunReport report;
  report.pipeline = "shop";
  report.status = "blocked";
  report.exit_code = 3;
  report.started_at = base::Timestamp{} + std::chrono::seconds(100);
  report.seconds = 2.5;
  report.stages = {{"extract", 1.5}, {"merge", 0.25}};
  report.extract.emplace().requests = 7;
  state::TableCounts orders;
  orders.table = "orders";
  orders.inserted = 3;
  orders.rejected = 1;
  report.tables = {orders};
  for (const auto& [severity, passed] :
       {std::pair("fail", false), std::pair("warn", false), std::pair("fail", true)}) {
    state::CheckResult check;
    check.table = "orders";
    check.severity = severity;
    check.passed = passed;
    report.checks.push_back(check);
  }
  return report;
}

TEST(MetricsTest, SaysWhatTheReportSays) {
  const auto text = metrics_text(blocked_run());
  for (const auto* line :
       {"ashore_last_run_end_timestamp_seconds{pipeline=\"shop\"} 102.5\n",
        "ashore_last_run_exit_code{pipeline=\"shop\"} 3\n",
        "ashore_last_run_status{pipeline=\"shop\",status=\"blocked\"} 1\n",
        "ashore_last_run_status{pipeline=\"shop\",status=\"failed\"} 0\n",
        "ashore_last_run_stage_duration_seconds{pipeline=\"shop\",stage=\"merge\"} 0.25\n",
        "ashore_extract_requests{pipeline=\"shop\"} 7\n",
        "ashore_table_rows{pipeline=\"shop\",table=\"orders\",outcome=\"rejected\"} 1\n",
        "ashore_checks{pipeline=\"shop\",table=\"orders\",result=\"warned\"} 1\n",
        "ashore_checks{pipeline=\"shop\",table=\"orders\",result=\"failed\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("ashore_table_version{")));
}

TEST(MetricsTest, NamesAreEscaped) {
  auto report = blocked_run();
  state::DestinationResult destination;
  destination.name = "duckdb:a\"b\\c\nd";
  report.destinations = {destination};
  EXPECT_THAT(metrics_text(report), HasSubstr("destination=\"duckdb:a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(MetricsTest, ReplacesTheFileWhole) {
  io::MemoryStore store;
  ASSERT_TRUE(store.write("shop.prom", "old").ok());
  ASSERT_TRUE(write_metrics(store, "shop.prom", blocked_run()).ok());
  EXPECT_EQ(store.read("shop.prom").value(), metrics_text(blocked_run()));
}

}  // namespace
}  // namespace ashore::report
