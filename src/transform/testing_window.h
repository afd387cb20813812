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
#include "io/fake_clock.h"
#include "io/memory_store.h"
#include "io/scripted_transport.h"
#include "io/seeded_random.h"
#include "state/run_folder.h"
#include "transform/transform.h"

namespace ashore::transform {

inline json::Pointer pointer(const std::string& text) { return json::Pointer::parse(text).value(); }

inline spec::Column path_column(std::string name, const std::string& path,
                                const std::string& type) {
  spec::Column column;
  column.name = std::move(name);
  column.type = base::parse_type(type).value();
  column.path = pointer(path);
  return column;
}

inline spec::Column required_column(std::string name, const std::string& path,
                                    const std::string& type) {
  auto column = path_column(std::move(name), path, type);
  column.is_required = true;
  return column;
}

inline spec::Column parent_column(std::string name, std::string of, const std::string& type) {
  spec::Column column;
  column.name = std::move(name);
  column.type = base::parse_type(type).value();
  column.source = spec::ColumnSource::kParent;
  column.of = std::move(of);
  return column;
}

inline spec::Column date_column(std::string name, std::string of, spec::DateUnit unit) {
  spec::Column column;
  column.name = std::move(name);
  column.type = {base::TypeKind::kDate};
  column.source = spec::ColumnSource::kDateOf;
  column.of = std::move(of);
  column.unit = unit;
  return column;
}

inline spec::Column position_column(std::string name) {
  spec::Column column;
  column.name = std::move(name);
  column.type = {base::TypeKind::kInt32};
  column.source = spec::ColumnSource::kPosition;
  return column;
}

// An item table; rejections are allowed unless a test says otherwise.
inline spec::Table table_from(std::string name, std::vector<spec::Column> columns,
                              std::vector<std::string> key) {
  spec::Table table;
  table.name = std::move(name);
  table.columns = std::move(columns);
  table.key = std::move(key);
  table.rejected_rows_max = 1'000;
  return table;
}

inline spec::Table child_table(spec::Table table, std::string parent,
                               const std::vector<std::string>& each) {
  table.parent = std::move(parent);
  for (const auto& path : each) table.each.push_back(pointer(path));
  return table;
}

// Items lie at /items.
inline spec::Pipeline pipeline_of(std::vector<spec::Table> tables) {
  spec::Pipeline pipeline;
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

  base::Result<StagedWindow> run(const spec::Pipeline& pipeline, Options options = {}) {
    options.run_id = "run-1";
    options.lookup = lookup;
    return transform(pipeline, manifest, options, env, events, stop.get_token());
  }

  // The rows of a table's parts, one a string: "A-1|2|null".
  std::vector<std::string> rows(const spec::Pipeline& pipeline, const std::string& table,
                                const std::string& file = "part-00001.parquet") {
    const auto& spec = *std::ranges::find(pipeline.tables, table, &spec::Table::name);
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

}  // namespace ashore::transform
