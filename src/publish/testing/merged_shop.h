// A shop of two tables whose runs have merged, and what publishes them, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "delta/candidate.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "publish/publish.h"
#include "state/run_folder.h"

namespace ashore::publish {

// Keeps what was told.
class KeptEvents final : public base::EventSink {
 public:
  void emit(const base::Event& event) override { events_.push_back(event); }
  template <typename Kind>
  [[nodiscard]] std::vector<Kind> of() const {
    std::vector<Kind> found;
    for (const auto& event : events_) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }

 private:
  std::vector<base::Event> events_;
};

inline delta::AddFile make_file(const std::string& region, const std::string& text,
                                std::int64_t rows) {
  auto folder = "region=" + region;
  if (const auto slash = folder.find('/'); slash != std::string::npos) {
    folder.replace(slash, 1, "%2F");
  }
  delta::AddFile file;
  file.path = folder + "/part-" + base::to_hex(base::sha256(text)).substr(0, 32) + ".parquet";
  file.partition_values = {{"region", region}};
  file.bytes = static_cast<std::int64_t>(text.size());
  file.rows = rows;
  file.stats_json = "{\"numRecords\":" + std::to_string(rows) + "}";
  return file;
}

inline delta::TableCandidate make_table(const std::string& table, std::int64_t base_version) {
  delta::TableCandidate candidate;
  candidate.table = table;
  candidate.table_id = "id-of-" + table;
  candidate.base_version = base_version;
  candidate.schema = {
      {{.name = "order_id", .type = {}, .is_nullable = false}, {.name = "region", .type = {}}}};
  candidate.partition_columns = {"region"};
  candidate.changes_schema = base_version < 0;
  return candidate;
}

// A run that merged: its candidate and staged files lie in the store.
struct Scene {
  std::map<std::string, std::string> texts;  // of files, by path
  delta::Candidate candidate;

  explicit Scene(std::string run_id, std::int64_t landing_us) {
    candidate.run_id = std::move(run_id);
    candidate.landing_us = landing_us;
  }
  delta::AddFile file(const std::string& region, const std::string& text, std::int64_t rows) {
    auto made = make_file(region, text, rows);
    texts[made.path] = text;
    return made;
  }
  void stage(io::ObjectStore& store) const {
    for (const auto& table : candidate.tables) {
      const auto folder = state::staged_table_folder(store, candidate.run_id, table.table);
      for (const auto& add : table.add) {
        ASSERT_TRUE(store.write_new(folder + "/" + add.path, texts.at(add.path)).ok());
      }
    }
    ASSERT_TRUE(store
                    .write(state::run_file(candidate.run_id, "candidate.json"),
                           delta::candidate_json(candidate))
                    .ok());
  }
};

// One process: publishes over a store.
inline base::Result<Publication> publish_run(io::ObjectStore& store,
                                             const delta::Candidate& candidate,
                                             base::EventSink& events, bool force = false) {
  io::FakeClock clock(base::timestamp_of_micros(candidate.landing_us + 1'000'000));
  io::SeededRandom random;
  io::ScriptedTransport http(std::deque<base::Result<io::HttpResponse>>{});
  io::Env env{.http = http, .store = store, .clock = clock, .random = random};
  config::Pipeline pipeline;
  pipeline.name = "shop";
  state::Manifest audited;
  audited.stage = "audit";
  audited.run_id = candidate.run_id;
  audited.pipeline_name = "shop";
  audited.started_us = candidate.landing_us;
  const Options options{.run_id = candidate.run_id, .force = force};
  return publish(pipeline, audited, options,
                 {.env = env, .events = events, .stop = {}, .version = "0.1.0"});
}

inline base::Result<std::string> recover(io::ObjectStore& store, base::EventSink& events) {
  io::FakeClock clock;
  io::SeededRandom random;
  io::ScriptedTransport http(std::deque<base::Result<io::HttpResponse>>{});
  io::Env env{.http = http, .store = store, .clock = clock, .random = random};
  return finish_intent({env, events, {}});
}

inline std::map<std::string, std::string> objects_of(io::ObjectStore& store) {
  std::map<std::string, std::string> objects;
  for (const auto* folder : {"stage", "runs"}) {
    const auto listed = store.list(folder).value();
    for (const auto& info : listed) objects[info.path] = store.read(info.path).value();
  }
  return objects;
}

// What a Delta reader sees: the files of the newest version, all there; "" without a table.
inline std::string seen_by_reader(io::ObjectStore& store, const std::string& table) {
  const auto snapshot = delta::read_snapshot(store, "stage/" + table);
  EXPECT_TRUE(snapshot.ok());
  if (!snapshot.value()) return "";
  std::string seen = "version " + std::to_string(snapshot.value()->version);
  for (const auto& file : snapshot.value()->files) {
    const auto info = store.stat("stage/" + table + "/" + file.path).value();
    EXPECT_TRUE(info && info->bytes == file.bytes) << "missing: " << file.path;
    seen += "\n" + file.path;
  }
  return seen;
}

inline Scene first_run() {
  Scene scene("run-1", 1'000'000);
  auto orders = make_table("orders", -1);
  orders.add = {scene.file("north", "north 1", 2), scene.file("south", "south 1", 1)};
  orders.counts.table = "orders";
  orders.counts.inserted = 3;
  scene.candidate.tables.push_back(orders);
  scene.candidate.tables.push_back(make_table("lines", -1));  // made without rows
  return scene;
}

inline Scene second_run() {
  Scene scene("run-2", 2'000'000);
  auto orders = make_table("orders", 0);
  orders.add = {scene.file("north", "north 2", 3), scene.file("a/b", "slash", 1)};
  orders.remove = {make_file("north", "north 1", 2)};
  auto lines = make_table("lines", 0);
  lines.changes_schema = true;
  lines.schema.fields.push_back({.name = "note", .type = {}});
  lines.add = {scene.file("south", "lines", 5)};
  scene.candidate.tables = {orders, lines};
  return scene;
}

inline Scene unchanged_run() {
  Scene scene("run-3", 3'000'000);
  scene.candidate.tables = {make_table("orders", 0), make_table("lines", 0)};
  return scene;
}

inline void prepare_first(io::ObjectStore& store) { first_run().stage(store); }

inline void prepare_second(io::ObjectStore& store) {
  base::NullEventSink events;
  auto first = first_run();
  first.stage(store);
  ASSERT_TRUE(publish_run(store, first.candidate, events).ok());
  second_run().stage(store);
}

}  // namespace ashore::publish
