// A small pipeline of orders and their lines, and transform run over pages of it in memory.
#pragma once

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "columnar/parquet_file.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "state/run_folder.h"
#include "transform/transform.h"

namespace ashore::transform {

inline json::Pointer pointer(const std::string& text) { return json::Pointer::parse(text).value(); }

inline config::Column path_column(std::string name, const std::string& path,
                                  const std::string& type) {
  config::Column column;
  column.name = std::move(name);
  column.type = base::parse_type(type).value();
  column.path = pointer(path);
  return column;
}

inline config::Column required_column(std::string name, const std::string& path,
                                      const std::string& type) {
  auto column = path_column(std::move(name), path, type);
  column.is_required = true;
  return column;
}

inline config::Column parent_column(std::string name, std::string of, const std::string& type) {
  config::Column column;
  column.name = std::move(name);
  column.type = base::parse_type(type).value();
  column.source = config::ColumnSource::kParent;
  column.of = std::move(of);
  return column;
}

inline config::Column date_column(std::string name, std::string of, config::DateUnit unit) {
  config::Column column;
  column.name = std::move(name);
  column.type = {base::TypeKind::kDate};
  column.source = config::ColumnSource::kDateOf;
  column.of = std::move(of);
  column.unit = unit;
  return column;
}

inline config::Column position_column(std::string name) {
  config::Column column;
  column.name = std::move(name);
  column.type = {base::TypeKind::kInt32};
  column.source = config::ColumnSource::kPosition;
  return column;
}

// An item table; rejections are allowed unless a test says otherwise.
inline config::Table table_from(std::string name, std::vector<config::Column> columns,
                                std::vector<std::string> key) {
  config::Table table;
  table.name = std::move(name);
  table.columns = std::move(columns);
  table.key = std::move(key);
  table.rejected_rows_max = 1'000;
  return table;
}

inline config::Table child_table(config::Table table, std::string parent,
                                 const std::vector<std::string>& each) {
  table.parent = std::move(parent);
  for (const auto& path : each) table.each.push_back(pointer(path));
  return table;
}

// Items lie at /items.
inline config::Pipeline pipeline_of(std::vector<config::Table> tables) {
  config::Pipeline pipeline;
  pipeline.name = "shop";
  pipeline.source_name = "shop";
  pipeline.extract.items.at = pointer("/items");
  pipeline.tables = std::move(tables);
  return pipeline;
}

class EventRecorder final : public base::EventSink {
 public:
  void emit(const base::Event& event) override { events.push_back(event); }
  std::vector<base::Event> events;
};

// A manifest as if it had been written.
inline state::StoredManifest stored(const state::Manifest& manifest) {
  return {manifest,
          {state::stage_manifest_path(manifest.run_id, manifest.stage),
           base::to_hex(base::sha256(state::manifest_json(manifest)))}};
}

// The outside world of one test, with a landing of given pages.
class Landing {
 public:
  explicit Landing(const std::vector<std::string>& pages) {
    manifest.stage = "extract";
    manifest.run_id = "run-1";
    for (std::size_t index = 0; index < pages.size(); ++index) {
      const auto path = "raw/shop/run-1/page-0000" + std::to_string(index + 1) + ".json";
      EXPECT_TRUE(store.write_new(path, pages[index]).ok());
      state::ManifestFile file;
      file.path = path;
      file.bytes = static_cast<std::int64_t>(pages[index].size());
      file.sha256 = base::to_hex(base::sha256(pages[index]));
      manifest.files.push_back(file);
    }
  }

  // An answer that a lookup for `keys` landed.
  void answer(const std::vector<std::string>& keys, const std::string& page) {
    if (!lookup) lookup.emplace().run_id = "run-1";
    lookup->stage = "lookup";
    const auto path =
        "raw/shop/run-1/lookup-000" + std::to_string(lookup->files.size() + 1) + ".json";
    EXPECT_TRUE(store.write_new(path, page).ok());
    state::ManifestFile file;
    file.path = path;
    file.bytes = static_cast<std::int64_t>(page.size());
    file.sha256 = base::to_hex(base::sha256(page));
    file.keys = keys;
    lookup->files.push_back(file);
  }

  int threads = 1;
  std::int64_t memory_bytes = std::int64_t{512} << 20;

  state::RunContext context() {
    return {.env = env,
            .events = events,
            .stop = stop.get_token(),
            .threads = threads,
            .memory_bytes = memory_bytes};
  }

  base::Result<StagedWindow> run(const config::Pipeline& pipeline, Options options = {}) {
    options.run_id = "run-1";
    if (lookup) options.lookup = stored(*lookup);
    return transform(pipeline, stored(manifest), options, context());
  }

  // The rows of a table's parts, one a string: "A-1|2|null".
  std::vector<std::string> rows(const config::Pipeline& pipeline, const std::string& table,
                                const std::string& file = "part-00001.parquet") {
    const auto& spec = *std::ranges::find(pipeline.tables, table, &config::Table::name);
    auto schema = spec.schema();
    if (!file.starts_with("part-")) {
      std::erase_if(schema.fields, [&](const base::Field& field) {
        return std::ranges::find(spec.key, field.name) == spec.key.end();
      });
    }
    const auto path = state::window_folder("run-1", table) + "/" + file;
    if (!store.stat(path).value()) return {};
    const auto read = columnar::read_parquet(store, path, schema, {});
    EXPECT_TRUE(read.ok()) << read.error().message();
    return texts_of(*read.value());
  }

  std::string quarantine(const std::string& table) {
    const auto path = state::quarantine_path("run-1", table);
    return store.stat(path).value() ? store.read(path).value() : "";
  }

  io::MemoryStore store;
  io::FakeClock clock;
  io::SeededRandom random;
  io::ScriptedTransport http{std::deque<base::Result<io::HttpResponse>>{}};
  io::Env env{http, store, clock, random};
  EventRecorder events;
  std::stop_source stop;
  state::Manifest manifest;
  std::optional<state::Manifest> lookup;

 private:
  static std::vector<std::string> texts_of(const arrow::Table& table) {
    std::vector<std::string> texts;
    for (std::int64_t row = 0; row < table.num_rows(); ++row) {
      std::string text;
      for (const auto& column : table.columns()) {
        if (!text.empty()) text += '|';
        text += (*column->GetScalar(row))->ToString();
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }
};

// One page: {"items": [...], "more": false}.
inline std::string page_of(const std::string& items) {
  return R"({"count": 1, "items": [)" + items + R"(], "more": false})";
}

// Orders with a column of one type, for the rules of that type.
inline config::Pipeline one_column(const std::string& type) {
  return pipeline_of({table_from(
      "orders", {path_column("id", "/id", "string"), path_column("value", "/value", type)},
      {"id"})});
}

// What a JSON value becomes: the column's text, or "rule: ..." where the row is rejected.
inline std::string taken(const config::Pipeline& pipeline, const std::string& json) {
  Landing landing({page_of(R"({"id": "A", "value": )" + json + "}")});
  const auto staged = landing.run(pipeline);
  EXPECT_TRUE(staged.ok()) << staged.error().message();
  const auto rows = landing.rows(pipeline, "orders");
  if (!rows.empty()) return rows[0].substr(rows[0].find('|') + 1);
  const auto lines = landing.quarantine("orders");
  const auto begin = lines.find("\"rule\":\"") + 8;
  return "rule: " + lines.substr(begin, lines.find('"', begin) - begin);
}

inline std::string taken(const std::string& type, const std::string& json) {
  return taken(one_column(type), json);
}

// --- types ----------------------------------------------------------------------------------

}  // namespace ashore::transform
