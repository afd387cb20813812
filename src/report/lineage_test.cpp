// Lineage is sent in order and tells what a report tells; a receiver that fails is told of once.
#include "report/lineage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "config/testing/pipeline_of.h"
#include "io/testing/fake_clock.h"
#include "io/testing/seeded_random.h"
#include "report/column_origins.h"

namespace ashore::report {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kShop = R"yaml(
version: 1
name: shop
source: {name: shop, url: "https://api.shop.example:8443/v2"}
extract:
  request: {method: GET, path: /orders}
  pages: {by: none}
  items: {at: /orders, id: /id}
tables:
  orders:
    from: items
    key: [id]
    columns:
      id: {path: /id, type: int64, required: true}
      at: {path: /times/placed, type: timestamp, from: unix_seconds}
      day: {date_of: at}
  lines:
    from: orders
    each: /lines
    key: [id, number]
    columns:
      id: {parent: id}
      day: {parent: day}
      number: {position: true}
      sku: {path: /sku, type: string}
destinations: [{duckdb: warehouse.duckdb}]
)yaml";

config::Pipeline shop() { return config::pipeline_of(kShop); }

class KeptEvents final : public base::EventSink {
 public:
  void emit(const base::Event& event) override { texts.push_back(base::event_text(event)); }
  std::vector<std::string> texts;
};

RunReport published() {
  RunReport report;
  report.run_id = "run-1";
  report.status = "published";
  report.window.start = base::Timestamp{};
  report.extract.emplace().items = 3;
  report.extract->bytes = 300;
  state::TableCounts orders;
  orders.table = "orders";
  orders.inserted = 2;
  orders.updated = 1;
  orders.version = 7;
  report.tables = {orders};
  report.checks = {{"orders", "not_null: [id]", "fail", true, "no null", "no null"},
                   {"orders", "sql: sums", "warn", false, "1 row", "no row"}};
  report.destinations = {{"duckdb:warehouse.duckdb", "", {{"orders", 2, 1, 0}}},
                         {"postgresql://db.example:5432/wh", "", {{"orders", 2, 1, 0}}},
                         {"postgresql://gone:5432/wh", "refused", {}}};
  return report;
}

class LineageTest : public testing::Test {
 protected:
  LineageJob job(std::string command) {
    return {.pipeline = pipeline,
            .command = std::move(command),
            .job_namespace = "house",
            .source_url = "https://api.shop.example:8443/v2",
            .data_folder = "/data",
            .version = "1.2.3"};
  }
  // What is sent of a whole command.
  std::vector<json> sent_of(LineageJob of, const RunReport& report) {
    std::vector<json> events;
    Lineage lineage(
        std::move(of),
        [&](const std::string& event) -> base::Status {
          events.push_back(json::parse(event));
          return {};
        },
        downstream, clock, random);
    lineage.emit(base::RunStarted{"run-1", "shop", "everything", ""});
    lineage.emit(base::StageEnded{"extract", 1, ""});
    lineage.emit(base::Noted{"more"});
    lineage.finish(report);
    return events;
  }

  config::Pipeline pipeline = shop();
  KeptEvents downstream;
  io::FakeClock clock{
      base::parse_timestamp("2024-01-01T00:00:00Z", base::ZoneRule::kRequired).value()};
  io::SeededRandom random;
};

TEST_F(LineageTest, EveryColumnsOriginIsAPlaceInTheItems) {
  const auto texts = [&](const config::Table& table) {
    std::vector<std::string> found;
    for (const auto& origin : column_origins(pipeline, table)) {
      found.push_back(origin.column + " " + origin.place + (origin.is_derived ? " derived" : ""));
    }
    return found;
  };
  EXPECT_THAT(texts(pipeline.tables[0]),
              ElementsAre("id /id", "at /times/placed derived", "day /times/placed derived"));
  EXPECT_THAT(texts(pipeline.tables[1]),
              ElementsAre("id /id", "day /times/placed derived", "number /lines/* derived",
                          "sku /lines/*/sku"));
}

TEST_F(LineageTest, ARunStartsGoesOnAndCompletes) {
  const auto events = sent_of(job("run"), published());
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0]["eventType"], "START");
  EXPECT_EQ(events[1]["eventType"], "RUNNING");
  EXPECT_EQ(events[1]["run"]["facets"]["ashore_run"]["stage"], "extract");
  EXPECT_EQ(events[2]["eventType"], "COMPLETE");
  EXPECT_EQ(events[2]["eventTime"], "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(events[2]["run"]["facets"]["nominalTime"]["nominalStartTime"], "1970-01-01T00:00:00Z");
  for (const auto& event : events) {
    EXPECT_EQ(event["run"]["runId"], events[0]["run"]["runId"]);
    EXPECT_EQ(event["job"]["namespace"], "house");
    EXPECT_EQ(event["job"]["name"], "shop");
    EXPECT_EQ(event["run"]["facets"]["ashore_run"]["run_id"], "run-1");
  }
  EXPECT_THAT(downstream.texts, SizeIs(3));
}

TEST_F(LineageTest, ARunReadsTheSourceAndWritesTablesAndDestinations) {
  const auto event = sent_of(job("run"), published()).back();
  const auto& inputs = event["inputs"];
  ASSERT_THAT(inputs, SizeIs(2));
  EXPECT_EQ(inputs[0]["namespace"], "https://api.shop.example:8443");
  EXPECT_EQ(inputs[0]["name"], "/v2/orders");
  EXPECT_EQ(inputs[0]["inputFacets"]["inputStatistics"]["rowCount"], 3);
  EXPECT_EQ(inputs[1]["name"], "/data/stage/orders");
  const auto& assertions = inputs[1]["inputFacets"]["dataQualityAssertions"]["assertions"];
  ASSERT_THAT(assertions, SizeIs(2));
  EXPECT_EQ(assertions[0]["assertion"], "not_null");
  EXPECT_EQ(assertions[0]["severity"], "error");
  EXPECT_EQ(assertions[1]["assertion"], "custom_sql");
  EXPECT_EQ(assertions[1]["success"], false);

  const auto& outputs = event["outputs"];
  ASSERT_THAT(outputs, SizeIs(3));
  EXPECT_EQ(outputs[0]["namespace"], "file");
  EXPECT_EQ(outputs[0]["facets"]["version"]["datasetVersion"], "7");
  const auto& day = outputs[0]["facets"]["columnLineage"]["fields"]["day"]["inputFields"];
  ASSERT_THAT(day, SizeIs(1));
  EXPECT_EQ(day[0]["field"], "/times/placed");
  EXPECT_EQ(day[0]["name"], "/v2/orders");
  EXPECT_EQ(day[0]["transformations"][0]["subtype"], "TRANSFORMATION");
  EXPECT_EQ(outputs[0]["outputFacets"]["outputStatistics"]["rowCount"], 3);
  EXPECT_EQ(outputs[1]["namespace"], "duckdb:///data/warehouse.duckdb");
  EXPECT_EQ(outputs[1]["name"], "main.orders");
  EXPECT_EQ(outputs[2]["namespace"], "postgres://db.example:5432");
  EXPECT_EQ(outputs[2]["name"], "wh.public.orders");
  EXPECT_EQ(outputs[2]["facets"]["columnLineage"]["fields"]["at"]["inputFields"][0]["name"],
            "/data/stage/orders");
}

TEST_F(LineageTest, StagesOfOneRunMakeAChain) {
  const auto names = [](const json& datasets) {
    std::vector<std::string> found;
    for (const auto& dataset : datasets) found.push_back(dataset["name"]);
    return found;
  };
  const auto end_of = [&](const char* stage) { return sent_of(job(stage), published()).back(); };
  EXPECT_EQ(end_of("extract")["job"]["name"], "shop.extract");
  EXPECT_THAT(names(end_of("extract")["inputs"]), ElementsAre("/v2/orders"));
  EXPECT_THAT(names(end_of("extract")["outputs"]), ElementsAre("/data/raw/shop"));
  EXPECT_THAT(names(end_of("publish")["inputs"]), ElementsAre("/data/raw/shop"));
  EXPECT_THAT(names(end_of("publish")["outputs"]), ElementsAre("/data/stage/orders"));
  EXPECT_THAT(names(end_of("audit")["inputs"]),
              ElementsAre("/data/stage/orders", "/data/stage/lines"));
  EXPECT_THAT(names(end_of("load")["inputs"]),
              ElementsAre("/data/stage/orders", "/data/stage/lines"));
  EXPECT_THAT(names(end_of("load")["outputs"]), ElementsAre("main.orders", "wh.public.orders"));
}

TEST_F(LineageTest, WhatFailsAndWhatIsStoppedHasItsMessage) {
  auto report = published();
  report.exit_code = 3;
  report.status = "blocked";
  report.error = "a check failed";
  auto event = sent_of(job("run"), report).back();
  EXPECT_EQ(event["eventType"], "FAIL");
  EXPECT_EQ(event["run"]["facets"]["errorMessage"]["message"], "a check failed");
  report.exit_code = 130;
  EXPECT_EQ(sent_of(job("run"), report).back()["eventType"], "ABORT");
  report.exit_code = 99;
  EXPECT_EQ(sent_of(job("run"), report).back()["eventType"], "COMPLETE");
}

TEST_F(LineageTest, ParentsAreNamed) {
  auto child = job("run");
  child.parent = "airflow/eu/daily.run/01941f29-7c00-7ae7-8b25-9a2e2e1c3f00";
  child.root_parent = "airflow/daily/01941f29-7c00-7ae7-8b25-9a2e2e1c3f01";
  const auto parent = sent_of(child, published()).front()["run"]["facets"]["parent"];
  EXPECT_EQ(parent["job"]["namespace"], "airflow/eu");
  EXPECT_EQ(parent["job"]["name"], "daily.run");
  EXPECT_EQ(parent["run"]["runId"], "01941f29-7c00-7ae7-8b25-9a2e2e1c3f00");
  EXPECT_EQ(parent["root"]["job"]["name"], "daily");
  EXPECT_EQ(lineage_parent_fault(child.parent), "");
  for (const auto* wrong : {"", "/", "a", "a/b", "a/b/c", "//01941f29-7c00-7ae7-8b25-9a2e2e1c3f00",
                            "a/b/01941f29-7c00-7ae7-8b25-9a2e2e1c3fzz"}) {
    EXPECT_NE(lineage_parent_fault(wrong), "") << wrong;
  }
}

TEST_F(LineageTest, ADeadReceiverIsToldOfOnce) {
  int calls = 0;
  Lineage lineage(
      job("run"),
      [&](const std::string&) -> base::Status {
        ++calls;
        return base::transient("refused.");
      },
      downstream, clock, random);
  lineage.finish(published());  // no run began
  EXPECT_EQ(calls, 0);
  lineage.emit(base::RunStarted{"run-1", "shop", "everything", ""});
  lineage.emit(base::StageEnded{"extract", 1, ""});
  lineage.finish(published());
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(downstream.texts, SizeIs(3));
  EXPECT_THAT(downstream.texts[1], HasSubstr("OpenLineage: refused."));
}

TEST_F(LineageTest, UuidsBeginWithTheirTime) {
  const auto time = base::timestamp_of_micros(0x0123'4567'89abLL * 1000);
  EXPECT_EQ(uuid7(time, 0, 0), "01234567-89ab-7000-8000-000000000000");
  EXPECT_EQ(uuid7(time, ~0ULL, ~0ULL), "01234567-89ab-7fff-bfff-ffffffffffff");
}

}  // namespace
}  // namespace ashore::report
