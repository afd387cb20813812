// A shop with orders and their lines, some published and some staged, for tests of audit.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/audit.h"
#include "base/digest.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"
#include "columnar/testing/tables.h"
#include "config/reader.h"
#include "delta/commit.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "state/run_folder.h"

namespace ashore::audit {

// `orders` are partitioned by day, `lines` are not.
constexpr std::string_view kShop = R"yaml(version: 1
name: shop
source: {url: "https://api.example.com"}
extract: {request: {path: /orders}, items: {at: /orders}}
tables:
  orders:
    from: items
    key: [order_id]
    columns:
      order_id: {path: /id, type: string}
      placed_at: {path: /placed_at, type: timestamp}
      day: {date_of: placed_at}
      pieces: {path: /pieces, type: int32}
      weight: {path: /weight, type: float64}
      price: {path: /price, type: "decimal(10,2)"}
      is_paid: {path: /paid, type: boolean}
      customer: {path: /customer, type: json}
    partition: {by: day}
    checks: [ORDERS]
  lines:
    from: orders
    each: /lines
    key: [order_id, line]
    columns:
      order_id: {parent: order_id}
      line: {position: true}
      article: {path: /article, type: string}
    checks: [LINES]
)yaml";

inline config::Pipeline shop_with(std::string_view orders_checks,
                                  std::string_view lines_checks = "") {
  std::string text(kShop);
  text.replace(text.find("ORDERS"), 6, orders_checks);
  text.replace(text.find("LINES"), 5, lines_checks);
  auto reading = config::read_pipeline(text, "shop.yaml", {});
  for (const auto& complaint : reading.complaints) ADD_FAILURE() << complaint.message();
  return reading.pipeline.value_or(config::Pipeline{});
}

// One run whose candidate is built file by file. The landing began at 2024-03-10T00:00:00Z.
class Shop {
 public:
  explicit Shop(std::unique_ptr<io::ObjectStore> store = std::make_unique<io::MemoryStore>())
      : store_(std::move(store)), pipeline_(shop_with("")) {
    for (const auto* const name : {"orders", "lines"}) {
      auto& table = candidate_.tables.emplace_back();
      table.table = name;
      table.table_id = "11111111-2222-4333-8444-555555555555";
      table.schema = pipeline_.table(name)->schema();
      if (name == std::string("orders")) table.partition_columns = {"day"};
      table.counts.table = name;
      table.changes_schema = true;
    }
    candidate_.run_id = "run-1";
  }

  // Rows of one file: one JSON array a stored column, in the table's order.
  void publish_orders(const std::optional<std::string>& day,
                      const std::vector<std::string>& columns) {
    published_["orders"].push_back(write("orders", day, columns, "stage/orders/"));
  }
  void stage_orders(const std::optional<std::string>& day,
                    const std::vector<std::string>& columns) {
    table("orders").add.push_back(write("orders", day, columns, "stage/.staged/run-1/orders/"));
  }
  void stage_lines(const std::vector<std::string>& columns) {
    table("lines").add.push_back(write("lines", {}, columns, "stage/.staged/run-1/lines/"));
  }
  // Two orders with all their columns; `pieces` as given.
  void stage_two_orders(const std::string& pieces = "[1, 2]") {
    stage_orders("2024-03-01",
                 {R"(["a", "b"])", "[1709251200000000, 1709254800000000]", pieces, "[0.5, 1.5]",
                  R"(["1.50", "20.00"])", "[true, false]", R"(["{\"n\": 1}", null])"});
  }
  // Removes the nth published file of the orders.
  void remove_orders(std::size_t index) {
    table("orders").remove.push_back(published_["orders"][index]);
  }

  delta::TableCandidate& table(const std::string& name) {
    return name == "orders" ? candidate_.tables[0] : candidate_.tables[1];
  }
  io::ObjectStore& store() { return *store_; }
  io::Env& env() { return env_; }
  state::RunContext& context() { return context_; }

  // Commits what is published, writes the candidate and judges it.
  base::Result<Verdict> audit(const config::Pipeline& pipeline) {
    finish();
    const auto merged = state::read_manifest(*store_, state::stage_manifest_path("run-1", "merge"));
    return audit::audit(pipeline, merged.value(), {.run_id = "run-1"}, context_);
  }
  // The result of the only check.
  state::CheckResult judge(std::string_view orders_checks, std::string_view lines_checks = "") {
    auto verdict = audit(shop_with(orders_checks, lines_checks));
    if (!verdict.ok()) {
      ADD_FAILURE() << verdict.error().message();
      return {};
    }
    EXPECT_EQ(verdict.value().checks.size(), 1U);
    const auto check = verdict.value().checks.front();
    EXPECT_EQ(verdict.value().passed, check.passed || check.severity == "warn");
    return check;
  }

 private:
  delta::AddFile write(const std::string& name, const std::optional<std::string>& day,
                       const std::vector<std::string>& columns, const std::string& folder) {
    base::Schema stored;
    for (const auto& field : table(name).schema.fields) {
      if (field.name != "day") stored.fields.push_back(field);
    }
    const auto rows = columnar::table_of(stored, columns);
    const auto encoded = columnar::encode_parquet(*rows, stored).value();
    delta::AddFile file;
    const auto digest = base::to_hex(base::sha256(encoded.bytes)).substr(0, 32);
    file.path = name == "orders" ? columnar::partition_folder("day", day) + "/" : "";
    file.path += "part-" + digest + ".parquet";
    if (name == "orders") file.partition_values = {{"day", day}};
    file.bytes = static_cast<std::int64_t>(encoded.bytes.size());
    file.rows = encoded.rows;
    file.stats_json = encoded.stats_json;
    EXPECT_TRUE(store_->write(folder + file.path, encoded.bytes).ok());
    return file;
  }

  void finish() {
    for (auto& table : candidate_.tables) {
      const auto& files = published_[table.table];
      if (files.empty() || table.base_version == 0) continue;
      table.base_version = 0;
      delta::Commit commit;
      commit.metadata = delta::Commit::Metadata{.table_id = table.table_id,
                                                .table_name = table.table,
                                                .schema = table.schema,
                                                .partition_columns = table.partition_columns,
                                                .created_ms = 0,
                                                .configuration = {}};
      commit.add = files;
      EXPECT_TRUE(delta::write_commit(*store_, state::table_folder(table.table), commit).ok());
    }
    const auto path = state::run_file("run-1", "candidate.json");
    const auto text = delta::candidate_json(candidate_);
    EXPECT_TRUE(store_->write(path, text).ok());
    state::Manifest merged;
    merged.stage = "merge";
    merged.run_id = "run-1";
    merged.pipeline_name = "shop";
    merged.started_us = 1710028800000000;
    state::ManifestFile listed;
    listed.path = path;
    listed.sha256 = base::to_hex(base::sha256(text));
    merged.files = {listed};
    EXPECT_TRUE(
        state::write_manifest(*store_, state::stage_manifest_path("run-1", "merge"), merged).ok());
  }

  std::unique_ptr<io::ObjectStore> store_;
  io::FakeClock clock_{base::timestamp_of_micros(1710028805000000)};
  io::SeededRandom random_;
  io::ScriptedTransport http_{std::deque<base::Result<io::HttpResponse>>{}};
  io::Env env_{.http = http_, .store = *store_, .clock = clock_, .random = random_};
  config::Pipeline pipeline_;
  delta::Candidate candidate_;
  std::map<std::string, std::vector<delta::AddFile>> published_;
  base::NullEventSink events_;
  state::RunContext context_{.env = env_,
                             .events = events_,
                             .stop = {},
                             .threads = 2,
                             .version = "0.1.0",
                             .driver_folder = ASHORE_DRIVER_FOLDER};
};

}  // namespace ashore::audit
