// report.json has the keys that other programs read, and broken reports do not hide the others.
#include "report/run_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "io/memory_store.h"

namespace ashore::report {
namespace {

using Json = nlohmann::json;

RunReport report_of(const std::string& run_id, std::int64_t second) {
  RunReport report;
  report.run_id = run_id;
  report.pipeline = "orders";
  report.status = "published";
  report.started_at = base::Timestamp{} + std::chrono::seconds(second);
  state::TableCounts orders;
  orders.table = "orders";
  orders.inserted = 3;
  report.tables = {orders};
  return report;
}

TEST(RunReportTest, HasEveryPromisedKey) {
  const auto json = Json::parse(report_json(report_of("one", 1)));
  for (const auto* key :
       {"run_id", "pipeline", "status", "exit_code", "window", "started_at", "seconds", "stages",
        "extract", "tables", "checks", "destinations", "unmapped", "warnings", "peak_rss_bytes"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  for (const auto* key :
       {"rows_in", "rows_out", "dropped_null", "dropped_duplicate", "rejected", "stale", "vanished",
        "withdrawn", "moved", "replaced", "inserted", "updated", "unchanged", "partitions_total",
        "partitions_touched", "files_added", "bytes_added", "version"}) {
    EXPECT_TRUE(json["tables"]["orders"].contains(key)) << key;
  }
}

TEST(RunReportTest, PastRunsAreOldestFirstAndBrokenOnesAreNamed) {
  io::MemoryStore store;
  ASSERT_TRUE(write_report(store, report_of("a", 20)).ok());
  ASSERT_TRUE(write_report(store, report_of("b", 10)).ok());
  ASSERT_TRUE(store.write("runs/c/report.json", "{\"run_id\":").ok());
  std::vector<std::string> warnings;
  const auto runs = list_past_runs(store, &warnings);
  ASSERT_TRUE(runs.ok());
  ASSERT_EQ(runs.value().size(), 2U);
  EXPECT_EQ(runs.value()[0].run_id, "b");
  EXPECT_EQ(runs.value()[1].inserted, 3);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("runs/c/report.json"), std::string::npos);
}

}  // namespace
}  // namespace ashore::report
