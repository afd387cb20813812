// Each line holds what CloudWatch asks for, and says what the report says.
#include "report/emf.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <sstream>
#include <vector>

namespace ashore::report {
namespace {

using Json = nlohmann::json;

std::vector<Json> lines_of(const RunReport& report) {
  std::istringstream text(emf_lines(report));
  std::vector<Json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
  return lines;
}

RunReport blocked_run() {
  RunReport report;
  report.pipeline = "shop";
  report.run_id = "r1";
  report.status = "blocked";
  report.exit_code = 3;
  report.started_at = base::Timestamp{} + std::chrono::seconds(100);
  report.seconds = 2.5;
  report.extract.emplace().requests = 7;
  state::TableCounts orders;
  orders.table = "orders";
  orders.inserted = 3;
  orders.rejected = 1;
  report.tables = {orders};
  for (const double age : {10.0, 90.5}) {
    state::CheckResult check;
    check.table = "orders";
    check.severity = age > 50 ? "fail" : "warn";
    check.passed = false;
    check.age_seconds = age;
    report.checks.push_back(check);
  }
  state::DestinationResult destination;
  destination.name = "duckdb:w.duckdb";
  destination.error = "locked";
  report.destinations = {destination};
  return report;
}

TEST(EmfTest, SaysWhatTheReportSays) {
  const auto lines = lines_of(blocked_run());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["_aws"]["Timestamp"], 102'500);
  EXPECT_EQ(lines[0]["duration"], 2.5);
  EXPECT_EQ(lines[0]["blocked"], 1);
  EXPECT_EQ(lines[0]["requests"], 7);
  EXPECT_EQ(lines[0]["status"], "blocked");
  EXPECT_EQ(lines[1]["table"], "orders");
  EXPECT_EQ(lines[1]["rows_inserted"], 3);
  EXPECT_EQ(lines[1]["rows_rejected"], 1);
  EXPECT_EQ(lines[1]["checks_failed"], 1);
  EXPECT_EQ(lines[1]["checks_warned"], 1);
  EXPECT_EQ(lines[1]["freshness"], 90.5);
  EXPECT_EQ(lines[2]["destination"], "duckdb:w.duckdb");
  EXPECT_EQ(lines[2]["load_failed"], 1);
}

TEST(EmfTest, MetadataNamesTheMetricsAndDimensionsThatAreThere) {
  for (const auto& line : lines_of(blocked_run())) {
    const auto& directive = line["_aws"]["CloudWatchMetrics"].at(0);
    EXPECT_EQ(directive["Namespace"], "ashore");
    for (const auto& name : directive["Dimensions"].at(0)) {
      EXPECT_TRUE(line.at(name.get<std::string>()).is_string()) << name;
    }
    EXPECT_LE(directive["Metrics"].size(), 100U);
    for (const auto& metric : directive["Metrics"]) {
      EXPECT_TRUE(line.at(metric["Name"].get<std::string>()).is_number()) << metric;
    }
  }
}

TEST(EmfTest, WhatAStageDidNotMeasureIsNotSaid) {
  RunReport report;
  report.pipeline = "shop";
  const auto lines = lines_of(report);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_FALSE(lines[0].contains("requests"));
}

}  // namespace
}  // namespace ashore::report
