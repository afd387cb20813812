// A shop's orders and their lines in memory: staged as transform stages them, merged, committed.
#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"
#include "delta/commit.h"
#include "delta/rows.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "merge/merge.h"
#include "state/run_folder.h"

namespace ashore::merge {

struct Order {
  std::int64_t day = 0;  // since the epoch
  std::string region;
  std::string note;
  std::map<std::int64_t, std::string> lines = {};  // line number to product

  bool operator==(const Order&) const = default;
};
using Orders = std::map<std::int64_t, Order>;

inline config::Column shop_column(std::string name, base::TypeKind kind) {
  config::Column column;
  column.name = std::move(name);
  column.type = {kind};
  return column;
}

inline config::Column shop_parent_column(std::string name, base::TypeKind kind, std::string of) {
  auto column = shop_column(std::move(name), kind);
  column.source = config::ColumnSource::kParent;
  column.of = std::move(of);
  return column;
}

// Orders lie in windows by their day, both tables are partitioned by the order's region, and
// missing orders are looked up by their id.
inline config::Pipeline shop_pipeline() {
  config::Pipeline pipeline;
  pipeline.name = "shop";
  pipeline.extract.items.id = json::Pointer::parse("/id").value();
  pipeline.extract.lookup.emplace();
  pipeline.extract.window.emplace();
  pipeline.extract.window->column = "day";
  config::Table orders;
  orders.name = "orders";
  orders.columns = {
      shop_column("id", base::TypeKind::kInt64), shop_column("day", base::TypeKind::kDate),
      shop_column("region", base::TypeKind::kString), shop_column("note", base::TypeKind::kString)};
  orders.columns[0].path = *pipeline.extract.items.id;
  orders.key = {"id"};
  orders.partition_by = "region";
  config::Table lines;
  lines.name = "lines";
  lines.parent = "orders";
  lines.columns = {shop_column("line", base::TypeKind::kInt64),
                   shop_parent_column("order_id", base::TypeKind::kInt64, "id"),
                   shop_parent_column("region", base::TypeKind::kString, "region"),
                   shop_column("product", base::TypeKind::kString)};
  lines.key = {"line", "order_id"};
  lines.partition_by = "region";
  pipeline.tables = {orders, lines};
  return pipeline;
}

// One run's landing, as transform would stage it.
struct Landed {
  Orders orders = {};
  base::Window window = {};
  std::vector<std::int64_t> rejected_orders = {};
  std::vector<std::int64_t> asked_orders = {};
  std::int64_t unreadable_keys = 0;   // of orders
  std::int64_t unreadable_lines = 0;  // keys of lines
  // Lines that were rejected, as line and order.
  std::vector<std::pair<std::int64_t, std::int64_t>> rejected_lines = {};
};

class Shop {
 public:
  explicit Shop(int threads = 1) : threads_(threads) {}

  // Merges a landing; nothing is published yet.
  base::Result<Merged> merge(const Landed& landed, bool names_pending = false) {
    run_id_ = "run-" + std::to_string(++runs_);
    const auto window = stage(landed);
    io::Env env{.http = http_, .store = store, .clock = clock_, .random = random_};
    base::NullEventSink events;
    return merge::merge(pipeline, window,
                        {.run_id = run_id_,
                         .names_pending = names_pending,
                         .files_read_outright = files_read_outright},
                        {.env = env,
                         .events = events,
                         .stop = {},
                         .threads = threads_,
                         .memory_bytes = memory_bytes});
  }

  // What publish does, without what makes it atomic.
  void publish(const delta::Candidate& candidate) {
    for (const auto& table : candidate.tables) {
      if (table.is_unchanged()) continue;
      const auto folder = state::table_folder(table.table);
      for (const auto& add : table.add) {
        const auto staged = state::staged_folder(run_id_) + "/" + table.table + "/" + add.path;
        const auto bytes = store.read(staged);
        ASSERT_TRUE(bytes.ok()) << bytes.error().message();
        ASSERT_TRUE(store.write_new(folder + "/" + add.path, bytes.value()).ok()) << add.path;
        ASSERT_TRUE(store.remove(staged).ok());
      }
      delta::Commit commit;
      commit.version = table.base_version + 1;
      commit.run_id = candidate.run_id;
      if (table.changes_schema) {
        commit.metadata = {table.table_id,          table.table, table.schema,
                           table.partition_columns, 0,           {}};
      }
      commit.add = table.add;
      commit.remove = table.remove;
      const auto written = delta::write_commit(store, folder, commit);
      ASSERT_TRUE(written.ok()) << written.error().message();
      for (const auto& file : table.remove) {
        ASSERT_TRUE(store.remove(folder + "/" + file.path).ok());
      }
    }
  }

  // Merges and publishes, asserting that both work; the counters of both tables.
  std::map<std::string, state::TableCounts> load(const Landed& landed) {
    auto merged = merge(landed);
    EXPECT_TRUE(merged.ok()) << merged.error().message();
    if (!merged.ok()) return {};
    publish(merged.value().candidate);
    std::map<std::string, state::TableCounts> counts;
    for (const auto& table : merged.value().summary.tables) counts[table.table] = table;
    return counts;
  }

  [[nodiscard]] delta::Snapshot snapshot(const std::string& table) {
    const auto read = delta::read_snapshot(store, state::table_folder(table));
    EXPECT_TRUE(read.ok() && read.value()) << table;
    return *read.value();
  }

  // Paths of a table's files, in order.
  std::vector<std::string> files(const std::string& table) {
    std::vector<std::string> paths;
    for (const auto& file : snapshot(table).files) paths.push_back(file.path);
    return paths;
  }

  // Everything published, put together again; a row in a partition that is not its own, or a line
  // of no order, fails the test.
  Orders published() {
    Orders orders;
    each_row("orders", [&](const arrow::Table& rows, std::int64_t row) {
      const auto id = number(rows, "id", row);
      EXPECT_FALSE(orders.contains(id)) << "order " << id << " is there twice";
      orders[id] = {number(rows, "day", row), text(rows, "region", row), text(rows, "note", row)};
    });
    each_row("lines", [&](const arrow::Table& rows, std::int64_t row) {
      const auto found = orders.find(number(rows, "order_id", row));
      ASSERT_NE(found, orders.end()) << "a line without its order";
      EXPECT_EQ(found->second.region, text(rows, "region", row));
      const auto line = number(rows, "line", row);
      EXPECT_FALSE(found->second.lines.contains(line)) << "line " << line << " is there twice";
      found->second.lines[line] = text(rows, "product", row);
    });
    return orders;
  }

  io::MemoryStore store;
  config::Pipeline pipeline = shop_pipeline();
  std::size_t files_read_outright = 256;
  std::int64_t memory_bytes = std::int64_t{512} << 20;  // so little that all rows lie on disk: 64

 private:
  template <typename Visit>
  void each_row(const std::string& table, const Visit& visit) {
    const auto published = snapshot(table);
    for (const auto& file : published.files) {
      const auto path = state::table_folder(table) + "/" + file.path;
      const auto rows = delta::read_rows(store, path, file, published.schema, {});
      ASSERT_TRUE(rows.ok()) << rows.error().message();
      ASSERT_EQ(rows.value()->num_rows(), file.rows);
      for (std::int64_t row = 0; row < file.rows; ++row) {
        const auto region = text(*rows.value(), "region", row);
        const auto folder = columnar::partition_folder("region", region);
        EXPECT_TRUE(file.path.starts_with(folder + "/part-")) << region << " in " << file.path;
        visit(*rows.value(), row);
      }
    }
  }

  static std::shared_ptr<arrow::Scalar> scalar(const arrow::Table& rows, const std::string& name,
                                               std::int64_t row) {
    return rows.GetColumnByName(name)->GetScalar(row).ValueOrDie();
  }
  static std::int64_t number(const arrow::Table& rows, const std::string& name, std::int64_t row) {
    const auto wide = scalar(rows, name, row);
    if (wide->type->id() == arrow::Type::DATE32) {
      return static_cast<const arrow::Date32Scalar&>(*wide).value;
    }
    return static_cast<const arrow::Int64Scalar&>(*wide).value;
  }
  static std::string text(const arrow::Table& rows, const std::string& name, std::int64_t row) {
    const auto value = scalar(rows, name, row);
    return value->is_valid ? value->ToString() : "";
  }

  // Columns of texts, each read as its column's type; an empty text is null in a text column.
  void write(const std::string& table, const std::string& name, const base::Schema& schema,
             const std::vector<std::vector<std::string>>& rows, state::Manifest* manifest) {
    if (rows.empty()) return;
    arrow::ArrayVector arrays;
    const auto shape = columnar::arrow_schema(schema);
    for (std::size_t column = 0; column < schema.fields.size(); ++column) {
      const auto& type = shape->field(static_cast<int>(column))->type();
      auto builder = arrow::MakeBuilder(type).ValueOrDie();
      for (const auto& row : rows) append(*builder, row[column]);
      arrays.push_back(builder->Finish().ValueOrDie());
    }
    const auto encoded =
        columnar::encode_parquet(*arrow::Table::Make(shape, arrays), schema).value();
    const auto path = state::window_folder(run_id_, table) + "/" + name;
    ASSERT_TRUE(store.write(path, encoded.bytes).ok());
    state::ManifestFile file;
    file.path = path;
    file.rows = encoded.rows;
    manifest->files.push_back(file);
  }

  static void append(arrow::ArrayBuilder& builder, const std::string& value) {
    if (builder.type()->id() == arrow::Type::STRING) {
      auto& texts = static_cast<arrow::StringBuilder&>(builder);
      ASSERT_TRUE((value.empty() ? texts.AppendNull() : texts.Append(value)).ok());
    } else if (builder.type()->id() == arrow::Type::DATE32) {
      auto& dates = static_cast<arrow::Date32Builder&>(builder);
      ASSERT_TRUE(dates.Append(static_cast<std::int32_t>(std::stol(value))).ok());
    } else {
      ASSERT_TRUE(static_cast<arrow::Int64Builder&>(builder).Append(std::stoll(value)).ok());
    }
  }

  static base::Schema keys_of(const config::Table& table) {
    base::Schema schema;
    for (const auto& name : table.key) {
      schema.fields.push_back({name, table.column(name).type, false});
    }
    return schema;
  }

  static std::vector<std::vector<std::string>> texts_of(const std::vector<std::int64_t>& ids) {
    std::vector<std::vector<std::string>> rows;
    for (const auto id : ids) rows.push_back({std::to_string(id)});
    return rows;
  }

  state::Manifest stage(const Landed& landed) {
    state::Manifest manifest;
    manifest.stage = "transform";
    manifest.run_id = run_id_;
    manifest.pipeline_name = "shop";
    manifest.window = landed.window;
    manifest.started_us = runs_ * 1'000'000;
    std::vector<std::vector<std::string>> orders;
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::string>> lines;
    for (const auto& [id, order] : landed.orders) {
      orders.push_back({std::to_string(id), std::to_string(order.day), order.region, order.note});
      // A table with a newer column has no values in it.
      orders.back().resize(pipeline.tables[0].columns.size());
      for (const auto& [line, product] : order.lines) {
        lines[{line, id}] = {std::to_string(line), std::to_string(id), order.region, product};
      }
    }
    std::vector<std::vector<std::string>> sorted;
    for (const auto& [key, row] : lines) sorted.push_back(row);
    const auto& shop = pipeline.tables;
    write("orders", "part-00001.parquet", shop[0].schema(), orders, &manifest);
    write("lines", "part-00001.parquet", shop[1].schema(), sorted, &manifest);
    write("orders", "rejected_keys.parquet", keys_of(shop[0]), texts_of(landed.rejected_orders),
          &manifest);
    write("orders", "asked_keys.parquet", keys_of(shop[0]), texts_of(landed.asked_orders),
          &manifest);
    std::vector<std::vector<std::string>> rejected;
    for (const auto& [line, order] : landed.rejected_lines) {
      rejected.push_back({std::to_string(line), std::to_string(order)});
    }
    write("lines", "rejected_keys.parquet", keys_of(shop[1]), rejected, &manifest);
    summarise(landed, orders.size(), sorted.size());
    EXPECT_TRUE(
        state::write_manifest(store, state::stage_manifest_path(run_id_, "transform"), manifest)
            .ok());
    return manifest;
  }

  void summarise(const Landed& landed, std::size_t orders, std::size_t lines) {
    state::Summary summary;
    summary.stage = "transform";
    summary.tables.resize(2);
    summary.tables[0].table = "orders";
    summary.tables[0].rows_out = static_cast<std::int64_t>(orders);
    summary.tables[0].unreadable_keys = landed.unreadable_keys;
    summary.tables[1].table = "lines";
    summary.tables[1].rows_out = static_cast<std::int64_t>(lines);
    summary.tables[1].unreadable_keys = landed.unreadable_lines;
    EXPECT_TRUE(state::write_summary(store, run_id_, summary).ok());
  }

  int threads_;
  std::int64_t runs_ = 0;
  std::string run_id_;
  io::FakeClock clock_;
  io::SeededRandom random_;
  io::ScriptedTransport http_{std::deque<base::Result<io::HttpResponse>>{}};
};

}  // namespace ashore::merge
