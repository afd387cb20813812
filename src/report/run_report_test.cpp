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

bool write(io::ObjectStore& store, RunReport report) { return write_report(store, &report).ok(); }

TEST(RunReportTest, HasEveryPromisedKey) {
  const auto json = Json::parse(report_json(report_of("one", 1)));
  for (const auto* key :
       {"run_id", "pipeline", "status", "exit_code", "window", "started_at", "seconds", "stages",
        "extract", "tables", "checks", "destinations", "unmapped", "warnings", "peak_rss_bytes"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  for (const auto* key :
       {"rows_in", "rows_out", "dropped_null", "dropped_duplicate", "rejected", "stale", "missing",
        "deleted", "moved", "replaced", "inserted", "updated", "unchanged", "partitions_total",
        "partitions_touched", "files_added", "bytes_added", "version"}) {
    EXPECT_TRUE(json["tables"]["orders"].contains(key)) << key;
  }
}

TEST(RunReportTest, PastRunsAreOldestFirstAndBrokenOnesAreNamed) {
  io::MemoryStore store;
  ASSERT_TRUE(write(store, report_of("a", 20)));
  ASSERT_TRUE(write(store, report_of("b", 10)));
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

// A report of one try of a stage.
RunReport attempt_of(const std::string& stage, const std::string& status, std::int64_t second) {
  auto report = report_of("a", second);
  report.status = status;
  report.seconds = 2;
  report.stages = {{"extract", 1}, {stage, 1}};
  report.stage_attempts = {{.name = stage,
                            .started_at = base::format_timestamp(report.started_at),
                            .ended_at = "",
                            .outcome = status == "failed" ? "failed" : "succeeded"}};
  return report;
}

TEST(RunReportTest, AnOpenRunIsAppendedTo) {
  io::MemoryStore store;
  ASSERT_TRUE(write(store, attempt_of("extract", "pending", 10)));
  ASSERT_TRUE(write(store, attempt_of("load", "failed", 20)));
  ASSERT_TRUE(write(store, attempt_of("load", "published", 30)));
  const auto json = Json::parse(store.read("runs/a/report.json").value());
  EXPECT_EQ(json["started_at"], "1970-01-01T00:00:10Z");
  EXPECT_EQ(json["seconds"], 6.0);
  EXPECT_EQ(json["status"], "published");
  ASSERT_EQ(json["stage_attempts"].size(), 3U);
  EXPECT_EQ(json["stage_attempts"][1]["outcome"], "failed");
  EXPECT_EQ(json["stage_attempts"][2]["attempt"], 2);
}

TEST(RunReportTest, AClosedRunNeverChangesAndLaterLoadsAreLinesOfTheirOwn) {
  io::MemoryStore store;
  ASSERT_TRUE(write(store, attempt_of("load", "published", 10)));
  const auto before = store.read("runs/a/report.json").value();
  ASSERT_TRUE(write(store, attempt_of("load", "failed", 20)));
  ASSERT_TRUE(write(store, attempt_of("load", "unchanged", 30)));
  EXPECT_EQ(store.read("runs/a/report.json").value(), before);
  EXPECT_TRUE(is_closed(store, "a"));
  std::vector<std::string> warnings;
  const auto runs = list_past_runs(store, &warnings);
  ASSERT_EQ(runs.value().size(), 3U);
  EXPECT_EQ(runs.value()[0].kind, "run");
  EXPECT_EQ(runs.value()[1].kind, "load");
  EXPECT_EQ(runs.value()[1].status, "failed");
  EXPECT_EQ(runs.value()[2].status, "unchanged");
}

TEST(RunReportTest, ReportsOfTheFirstReleaseAreRead) {
  io::MemoryStore store;
  ASSERT_TRUE(store
                  .write("runs/a/report.json",
                         R"({"run_id":"a","status":"held","exit_code":3,"tables":{)"
                         R"("orders":{"withdrawn":2,"replaced":1,"vanished":4}}})")
                  .ok());
  std::vector<std::string> warnings;
  const auto runs = list_past_runs(store, &warnings);
  ASSERT_EQ(runs.value().size(), 1U);
  EXPECT_EQ(runs.value()[0].status, "blocked");
  EXPECT_EQ(runs.value()[0].deleted, 3);
}

}  // namespace
}  // namespace ashore::report
