// A small published shop, and a look into the destination that it is loaded into.
#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"
#include "delta/changed_rows.h"
#include "delta/commit.h"
#include "delta/snapshot.h"
#include "io/env.h"
#include "io/memory_store.h"
#include "load/load.h"
#include "load/small_answer.h"
#include "warehouse/connection.h"

namespace ashore::load {

class NoHttp final : public io::HttpTransport {
 public:
  base::Result<io::HttpResponse> send(const io::HttpRequest&, const std::stop_token&) override {
    return base::bug("load sends no request");
  }
};

class ZeroRandom final : public io::Random {
 public:
  std::uint64_t next() override { return 0; }
};

// Keeps what was noted.
class Notes final : public base::EventSink {
 public:
  void emit(const base::Event& event) override {
    if (const auto* noted = std::get_if<base::Noted>(&event)) notes.push_back(noted->what);
  }
  std::vector<std::string> notes;
};

// Time goes on only while somebody sleeps.
class SleepClock final : public io::Clock {
 public:
  base::Timestamp now() override {
    return base::timestamp_of_micros(1'667'260'800'000'000) + slept;
  }
  std::chrono::steady_clock::time_point steady_now() override {
    return std::chrono::steady_clock::time_point(slept);
  }
  bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    slept += duration;
    if (on_sleep) on_sleep();
    return !stop.stop_requested();
  }
  std::chrono::milliseconds slept{0};
  std::function<void()> on_sleep;
};

struct Order {
  std::optional<std::string> day;  // YYYY-MM-DD, the partition
  std::optional<std::string> note;
  std::optional<std::int32_t> pieces;
  std::optional<std::string> amount;   // decimal(10,2)
  std::optional<std::string> details;  // json
  std::optional<bool> paid;

  bool operator==(const Order&) const = default;
};
using Orders = std::map<std::string, Order>;

inline config::Column column(const std::string& name, base::TypeKind kind,
                             bool is_required = false) {
  config::Column made;
  made.name = name;
  made.type = kind == base::TypeKind::kDecimal ? base::ColumnType{kind, 10, 2}
                                               : base::ColumnType{kind, 0, 0};
  made.is_required = is_required;
  return made;
}

inline config::Table orders_table() {
  using base::TypeKind;
  config::Table table;
  table.name = "orders";
  table.key = {"order \"id"};
  table.columns = {column("order \"id", TypeKind::kString, true),
                   column("note", TypeKind::kString),
                   column("pieces", TypeKind::kInt32),
                   column("amount", TypeKind::kDecimal),
                   column("details", TypeKind::kJson),
                   column("paid", TypeKind::kBoolean),
                   column("day", TypeKind::kDate)};
  table.partition_by = "day";
  return table;
}

inline std::shared_ptr<arrow::Table> rows_of(
    const std::vector<std::pair<std::string, Order>>& orders, const base::Schema& schema) {
  arrow::StringBuilder ids, notes, details;
  arrow::Int32Builder pieces;
  arrow::Decimal128Builder amounts(arrow::decimal128(10, 2));
  arrow::BooleanBuilder paid;
  for (const auto& [id, order] : orders) {
    (void)ids.Append(id);
    (void)(order.note ? notes.Append(*order.note) : notes.AppendNull());
    (void)(order.details ? details.Append(*order.details) : details.AppendNull());
    (void)(order.pieces ? pieces.Append(*order.pieces) : pieces.AppendNull());
    (void)(order.paid ? paid.Append(*order.paid) : paid.AppendNull());
    (void)(order.amount ? amounts.Append(arrow::Decimal128::FromString(*order.amount).ValueOrDie())
                        : amounts.AppendNull());
  }
  const auto done = [](arrow::ArrayBuilder& builder) { return builder.Finish().ValueOrDie(); };
  std::vector<std::shared_ptr<arrow::Array>> arrays = {done(ids),     done(notes),   done(pieces),
                                                       done(amounts), done(details), done(paid)};
  while (arrays.size() < schema.fields.size()) {  // columns added later are null here
    const auto type = columnar::arrow_type(schema.fields[arrays.size()].type);
    arrays.push_back(
        arrow::MakeArrayOfNull(type, static_cast<std::int64_t>(orders.size())).ValueOrDie());
  }
  return arrow::Table::Make(columnar::arrow_schema(schema), arrays);
}

// Publishes tables of orders into a memory store, one commit a call.
class Shop {
 public:
  Shop() : store_(memory), env{http_, store_, clock, random_} {
    pipeline.name = "shop";
    pipeline.tables = {orders_table()};
    options.run_id = "20221101T000000Z-00000a";
    options.busy_wait = std::chrono::milliseconds(1000);
  }

  void publish(const Orders& orders, const std::string& table_id = "table-1") {
    const config::Table& table = pipeline.tables.front();
    const std::string folder = "stage/" + table.name;
    const auto before = delta::read_snapshot(memory, folder);
    ASSERT_TRUE(before.ok()) << before.error().message();
    delta::Commit commit;
    commit.version = before.value() ? before.value()->version + 1 : 0;
    commit.run_id = options.run_id;
    commit.engine = "ashore/test";
    const base::Schema schema = table.schema();
    if (!before.value() || before.value()->schema.fields.size() != schema.fields.size()) {
      commit.metadata.emplace();
      commit.metadata->table_id = table_id;
      commit.metadata->table_name = table.name;
      commit.metadata->schema = schema;
      if (table.partition_by) commit.metadata->partition_columns = {*table.partition_by};
    }
    const auto files = write_files(orders, schema, table.partition_by.has_value());
    std::map<std::string, delta::AddFile> old_files;
    if (before.value()) {
      for (const auto& file : before.value()->files) old_files[file.path] = file;
    }
    for (const auto& [path, file] : files) {
      if (old_files.erase(path) == 0) commit.add.push_back(file);
    }
    for (const auto& [path, file] : old_files) commit.remove.push_back(file);
    const auto written = delta::write_commit(memory, folder, commit);
    ASSERT_TRUE(written.ok()) << written.error().message();
    published_ = orders;
  }

  // The same, with what it changes told beside it, as merge does.
  void publish_with_changes(const Orders& orders) {
    const auto version = delta::read_snapshot(memory, "stage/orders").value()->version;
    std::vector<std::pair<std::string, Order>> rows;
    arrow::StringBuilder words;
    for (const auto& [id, order] : orders) {
      const auto before = published_.find(id);
      if (before != published_.end() && before->second == order) continue;
      rows.emplace_back(id, order);
      (void)words.Append(before == published_.end() ? delta::kInsert : delta::kUpdate);
    }
    const auto upserted = static_cast<std::int64_t>(rows.size());
    for (const auto& [id, order] : published_) {
      if (orders.contains(id)) continue;
      rows.emplace_back(id, Order());
      (void)words.Append(delta::kDelete);
    }
    arrow::Date32Builder days;
    for (const auto& [id, order] : rows) {
      if (!order.day) (void)days.AppendNull();
      if (!order.day) continue;
      const auto day = base::parse_date(*order.day).value().time_since_epoch().count();
      (void)days.Append(static_cast<std::int32_t>(day));
    }
    const auto chunked = [](arrow::ArrayBuilder& builder) {
      return std::make_shared<arrow::ChunkedArray>(builder.Finish().ValueOrDie());
    };
    const auto word = arrow::field(std::string(delta::kChangeColumn), arrow::utf8(), false);
    auto told = rows_of(rows, pipeline.tables.front().schema());
    told = told->SetColumn(6, told->field(6), chunked(days)).ValueOrDie();
    told = told->AddColumn(7, word, chunked(words)).ValueOrDie();
    const delta::ChangedRows changes{"orders", "table-1", version, told, upserted};
    ASSERT_TRUE(delta::write_changed_rows(memory, options.run_id, changes).ok());
    publish(orders);
  }

  // Removes the published tables, log and all.
  void forget() { ASSERT_TRUE(memory.remove_folder("stage").ok()); }

  Loaded run() {
    state::RunContext context{env, notes, stop.get_token()};
    context.driver_folder = ASHORE_DRIVER_FOLDER;
    auto loaded = load(pipeline, options, context);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message();
    return loaded.ok() ? std::move(loaded).value() : Loaded{};
  }

  // "inserted updated deleted unchanged" of the first table, or the error.
  std::string run_counts() {
    const auto loaded = run();
    if (!loaded.status.ok()) return loaded.status.error().message();
    const auto& counts = loaded.summary.destinations.at(0).tables.at(0);
    return std::to_string(counts.inserted) + " " + std::to_string(counts.updated) + " " +
           std::to_string(counts.deleted) + " " + std::to_string(counts.unchanged);
  }

  base::Error run_failure() {
    const auto loaded = run();
    EXPECT_FALSE(loaded.status.ok());
    return loaded.status.ok() ? base::bug("it was loaded") : loaded.status.error();
  }

 private:
  std::map<std::string, delta::AddFile> write_files(const Orders& orders,
                                                    const base::Schema& schema, bool by_day);

  NoHttp http_;
  ZeroRandom random_;
  Orders published_;

 public:
  io::MemoryStore memory;

 private:
  // Reading a file asks `before_read` first.
  class ReadGuard final : public io::ObjectStore {
   public:
    explicit ReadGuard(io::ObjectStore& inner) : inner_(inner) {}
    std::function<base::Status(std::string_view)> before_read;

    std::string location() const override { return inner_.location(); }
    std::string location_of(std::string_view path) const override {
      return inner_.location_of(path);
    }
    base::Result<std::string> read(std::string_view path) override {
      if (before_read) TRY(before_read(path));
      return inner_.read(path);
    }
    base::Result<std::unique_ptr<io::ObjectReader>> open(std::string_view path) override {
      if (before_read) TRY(before_read(path));
      return inner_.open(path);
    }
    base::Result<std::optional<io::ObjectInfo>> stat(std::string_view path) override {
      return inner_.stat(path);
    }
    base::Result<std::vector<io::ObjectInfo>> list(std::string_view folder) override {
      return inner_.list(folder);
    }
    base::Result<std::vector<std::string>> list_names(std::string_view folder) override {
      return inner_.list_names(folder);
    }
    base::Status write(std::string_view, std::string_view) override { return refused(); }
    base::Status write_new(std::string_view, std::string_view) override { return refused(); }
    base::Status write_durable(std::string_view, std::string_view) override { return refused(); }
    base::Status put_if_absent(std::string_view, std::string_view) override { return refused(); }
    base::Status append(std::string_view, std::string_view) override { return refused(); }
    base::Status rename(std::string_view, std::string_view) override { return refused(); }
    base::Status rename_folder(std::string_view, std::string_view) override { return refused(); }
    base::Status link(std::string_view, std::string_view) override { return refused(); }
    base::Status remove(std::string_view) override { return refused(); }
    base::Status remove_folder(std::string_view folder) override {
      return folder.ends_with("/handover") ? inner_.remove_folder(folder) : refused();
    }
    base::Status sync(std::span<const std::string>) override { return refused(); }
    base::Result<std::unique_ptr<io::StoreLock>> lock(std::string_view, std::string_view) override {
      return base::bug("load takes no lock");
    }

   private:
    static base::Status refused() { return base::bug("load writes nothing below stage"); }
    io::ObjectStore& inner_;
  };
  ReadGuard store_;

 public:
  SleepClock clock;
  io::Env env;
  Notes notes;
  std::stop_source stop;
  config::Pipeline pipeline;
  Options options;
  std::string written_twice = {};  // an order that publish() writes twice, as another program may

  void before_data_read(std::function<base::Status()> action) {
    store_.before_read = [action = std::move(action)](std::string_view path) -> base::Status {
      if (path.find(".parquet") == std::string_view::npos) return {};
      return action();
    };
  }
  void read_normally() { store_.before_read = nullptr; }
};

inline std::map<std::string, delta::AddFile> Shop::write_files(const Orders& orders,
                                                               const base::Schema& schema,
                                                               bool by_day) {
  base::Schema stored = schema;
  std::map<std::optional<std::string>, std::vector<std::pair<std::string, Order>>> partitions;
  for (const auto& [id, order] : orders) {
    auto& rows = partitions[by_day ? order.day : std::nullopt];
    rows.emplace_back(id, order);
    if (id == written_twice) rows.emplace_back(id, order);
  }
  if (by_day) stored.fields.erase(stored.fields.begin() + 6);
  std::map<std::string, delta::AddFile> files;
  for (const auto& [day, rows] : partitions) {
    const auto encoded = columnar::encode_parquet(*rows_of(rows, stored), stored).value();
    delta::AddFile file;
    file.path = "part-" + base::to_hex(base::sha256(encoded.bytes)).substr(0, 32) + ".parquet";
    if (by_day) {
      file.path = columnar::partition_folder("day", day) + "/" + file.path;
      file.partition_values = {{"day", day}};
    }
    file.bytes = static_cast<std::int64_t>(encoded.bytes.size());
    file.rows = encoded.rows;
    file.stats_json = encoded.stats_json;
    EXPECT_TRUE(memory.write("stage/orders/" + file.path, encoded.bytes).ok());
    files[file.path] = file;
  }
  return files;
}

// What a destination's tests do besides: looking into it from a second session.
class Destination {
 public:
  virtual ~Destination() = default;
  virtual std::unique_ptr<warehouse::Connection> session() = 0;

  void execute(const std::string& sql) {
    const auto done = session()->execute(sql);
    ASSERT_TRUE(done.ok()) << done.error().message();
  }
  // The rows of a query of texts, one line each: "a|b".
  std::string lines(const std::string& sql) {
    const auto connection = session();
    const auto rows = query_texts(*connection, sql);
    if (!rows.ok()) return rows.error().message();
    std::string text;
    for (const auto& row : rows.value()) {
      for (const auto& cell : row) text += (&cell == &row.front() ? "" : "|") + cell;
      text += "\n";
    }
    return text;
  }
  std::string orders() {
    return lines(
        "SELECT \"order \"\"id\", coalesce(CAST(day AS varchar), '-'), coalesce(note, '-'),"
        " coalesce(CAST(pieces AS varchar), '-'), coalesce(CAST(amount AS varchar), '-'),"
        " coalesce(CAST(details AS varchar), '-'), coalesce(CAST(paid AS varchar), '-')"
        " FROM orders ORDER BY 1");
  }
  std::string bookkeeping() {
    return lines(
        "SELECT table_name, table_id, CAST(version AS varchar), run_id, CAST(row_count AS varchar),"
        " CAST(loaded_at AT TIME ZONE 'UTC' AS varchar) FROM _ashore_loads ORDER BY 1");
  }
};

inline Orders three_orders() {
  return {{"a",
           {"2022-11-01", "caf\xc3\xa9 \xf0\x9f\x9a\x80 'x' \"y\" \\z", 1, "12.50",
            "{\"b\":  1.0, \"a\": [ ]}", true}},
          {"b", {"2022-11-01", {}, {}, {}, {}, {}}},
          {"c", {"2022-11-02", "", -5, "-0.01", "\"text\"", false}}};
}
inline constexpr const char* kThreeOrders =
    "a|2022-11-01|caf\xc3\xa9 \xf0\x9f\x9a\x80 'x' \"y\" \\z|1|12.50|{\"b\":  1.0, \"a\": [ "
    "]}|true\n"
    "b|2022-11-01|-|-|-|-|-\n"
    "c|2022-11-02||-5|-0.01|\"text\"|false\n";

}  // namespace ashore::load
