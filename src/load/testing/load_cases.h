// A small published shop and what every destination must do with it: included by the tests of
// each dialect (conformance).
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
    base::Status remove_folder(std::string_view) override { return refused(); }
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
    partitions[by_day ? order.day : std::nullopt].emplace_back(id, order);
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

inline void expect_first_load_holds_all(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  EXPECT_EQ(destination.orders(), kThreeOrders);
  EXPECT_EQ(destination.bookkeeping(),
            "orders|table-1|0|20221101T000000Z-00000a|3|2022-11-01 00:00:00\n");
}

inline void expect_same_version_writes_nothing(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.options.run_id = "another";
  const auto loaded = shop.run();
  EXPECT_TRUE(loaded.summary.nothing_new);
  EXPECT_EQ(loaded.summary.destinations.at(0).tables.at(0).unchanged, 3);
  EXPECT_EQ(destination.bookkeeping().find("another"), std::string::npos);
}

inline void expect_changes_are_applied(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders["a"].details = "{\"b\": 1.0, \"a\": [ ]}";  // only a space less
  orders["b"].day = "2022-11-02";                    // moves
  orders.erase("c");
  orders["d"] = {{}, "no day", {}, {}, {}, {}};
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "1 2 1 0");
  EXPECT_EQ(destination.orders(),
            "a|2022-11-01|caf\xc3\xa9 \xf0\x9f\x9a\x80 'x' \"y\" \\z|1|12.50|"
            "{\"b\": 1.0, \"a\": [ ]}|true\n"
            "b|2022-11-02|-|-|-|-|-\n"
            "d|-|no day|-|-|-|-\n");
  orders.erase("d");
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "0 0 1 2");
  EXPECT_EQ(shop.run_counts(), "0 0 0 2");
}

// A data folder that was restored from a backup and run again: the same versions, other rows.
inline void expect_another_history_is_compared(Shop& shop) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders["a"].pieces = 2;
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
  for (const int versions_after : {2, 3, 1}) {  // as many as are held, more, fewer
    shop.forget();
    for (int version = 0; version < versions_after; ++version) {
      orders["b"].pieces = 100 * versions_after + version;
      orders["a"].pieces = 7 + versions_after;
      shop.publish(orders);
    }
    EXPECT_EQ(shop.run_counts(), "0 2 0 1") << versions_after;
    EXPECT_EQ(shop.run_counts(), "0 0 0 3");
    EXPECT_TRUE(shop.run().summary.nothing_new);
  }
}

// What earlier releases recorded tells no history: every row is compared once.
inline void expect_bookkeeping_of_earlier_releases_is_taken_on(Shop& shop,
                                                               Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute("ALTER TABLE _ashore_loads DROP COLUMN log_sha256");
  destination.execute("UPDATE orders SET note = 'edited' WHERE pieces = 1");
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
  EXPECT_EQ(destination.lines("SELECT CAST(length(log_sha256) AS varchar) FROM _ashore_loads"),
            "64\n");
  EXPECT_TRUE(shop.run().summary.nothing_new);
}

inline void expect_many_versions_are_caught_up(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  for (int version = 1; version <= 40; ++version) {
    orders["c"].pieces = version;
    orders["c"].day = version % 2 == 0 ? "2022-11-02" : "2022-12-01";
    shop.publish(orders);
    if (version == 3 || version == 4) {
      EXPECT_EQ(shop.run_counts(), "0 1 0 2");
    }
  }
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
  EXPECT_EQ(destination.lines("SELECT CAST(pieces AS varchar) FROM orders WHERE pieces > 30"),
            "40\n");
}

inline void expect_full_load_mends_edits(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute("UPDATE orders SET note = 'edited' WHERE pieces = 1");
  destination.execute("DELETE FROM orders WHERE pieces = -5");
  EXPECT_EQ(shop.run_counts(), "0 0 0 3");  // same version: nothing is looked at
  shop.options.full = true;
  EXPECT_EQ(shop.run_counts(), "1 1 0 1");
  EXPECT_EQ(destination.orders(), kThreeOrders);
  EXPECT_TRUE(shop.run().summary.nothing_new);
}

inline void expect_drift_is_noticed(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute("DELETE FROM orders WHERE pieces = -5");
  Orders orders = three_orders();
  orders["a"].pieces = 2;
  shop.publish(orders);  // touches only the other day
  EXPECT_EQ(shop.run_counts(), "1 1 0 1");
}

inline void expect_ranges_leave_the_version(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders["a"].day = "2022-11-03";  // leaves the range, must not vanish
  orders["b"].pieces = 7;
  orders["c"].pieces = 8;
  shop.publish(orders);
  shop.options.range =
      base::Window{base::parse_date("2022-11-01").value(), base::parse_date("2022-11-02").value()};
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
  EXPECT_EQ(destination.lines("SELECT \"order \"\"id\", CAST(day AS varchar),"
                              " coalesce(CAST(pieces AS varchar), '-') FROM orders ORDER BY 1"),
            "a|2022-11-01|1\nb|2022-11-01|7\nc|2022-11-02|-5\n");
  EXPECT_NE(destination.bookkeeping().find("orders|table-1|0|"), std::string::npos);
  shop.options.range.reset();
  EXPECT_EQ(shop.run_counts(), "0 2 0 1");
  EXPECT_NE(destination.bookkeeping().find("orders|table-1|1|"), std::string::npos);
}

inline void expect_a_first_range_is_caught_up(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  shop.options.range = base::Window{base::parse_date("2022-11-02").value(), std::nullopt};
  EXPECT_EQ(shop.run_counts(), "1 0 0 2");
  EXPECT_NE(destination.bookkeeping().find("orders|table-1|-1|"), std::string::npos);
  shop.options.range.reset();
  EXPECT_EQ(shop.run_counts(), "2 0 0 1");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

inline void expect_new_columns_are_added(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.pipeline.tables[0].columns.push_back(column("extra", base::TypeKind::kInt64));
  Orders orders = three_orders();
  orders["b"].pieces = 4;
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
  EXPECT_EQ(destination.lines("SELECT coalesce(CAST(extra AS varchar), '-') FROM orders"),
            "-\n-\n-\n");
}

inline void expect_failure_leaves_all_as_before(Shop& shop, Destination& destination,
                                                base::ErrorKind kind) {
  Orders orders = three_orders();
  orders["a"].pieces = 99;
  orders.erase("b");
  shop.publish(orders);
  const auto error = shop.run_failure();
  EXPECT_EQ(error.kind(), kind) << error.message();
  EXPECT_EQ(destination.orders(), kThreeOrders);
  EXPECT_NE(destination.bookkeeping().find("orders|table-1|0|"), std::string::npos);
  shop.read_normally();
  EXPECT_EQ(shop.run_counts(), "0 1 1 1");
}

inline void expect_refused(Shop& shop, const std::string& reason, const std::string& remedy) {
  const auto error = shop.run_failure();
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(error.message().find(reason), std::string::npos) << error.message();
  EXPECT_NE(error.message().find(remedy), std::string::npos) << error.message();
}

inline void expect_other_table_id_is_refused(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.forget();
  shop.publish({}, "table-2");
  expect_refused(shop, "another published table", "load --adopt");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

// The adoption that load asks about, "+" inserted, "~" updated, "-" deleted, with a few keys.
inline std::string adoption_text(const Adoption& adoption) {
  std::string text;
  for (const auto& table : adoption.tables) {
    const auto part = [](const char* sign, std::int64_t rows,
                         const std::vector<std::string>& keys) {
      std::string made = sign + std::to_string(rows);
      for (const auto& key : keys) made += " " + key;
      return made + "; ";
    };
    text += table.table + ": " + part("+", table.inserted, table.inserted_keys) +
            part("~", table.updated, table.updated_keys) +
            part("-", table.deleted, table.deleted_keys) + table.why;
  }
  return text;
}

// Order c as published, b otherwise, and z, which is not published; the columns are in any order.
inline constexpr const char* kForeignRow[] = {
    // In parentheses: it is one element.
    ("INSERT INTO orders(\"order \"\"id\", note, pieces, amount, details, paid, day)"
     " VALUES ('c', '', -5, -0.01, '\"text\"', false, '2022-11-02')"),
    "INSERT INTO orders(\"order \"\"id\", note, day) VALUES ('b', 'mine', '2022-11-01')",
    "INSERT INTO orders(\"order \"\"id\", note) VALUES ('z', 'mine too')"};

// `fill` makes a table with those rows.
inline void expect_a_filled_table_is_adopted(Shop& shop, Destination& destination,
                                             const std::vector<std::string>& fill) {
  shop.publish(three_orders());
  for (const auto& statement : fill) destination.execute(statement);
  const auto before = destination.lines("SELECT note FROM orders ORDER BY note");
  std::string told;
  bool may_adopt = false;
  shop.options.adopt = [&](const Adoption& adoption) {
    told = adoption_text(adoption);
    return may_adopt;
  };
  const auto declined = shop.run();
  EXPECT_TRUE(declined.status.ok()) << declined.status.error().message();
  EXPECT_TRUE(declined.summary.nothing_new);
  EXPECT_EQ(told, "orders: +1 a; ~1 b; -1 z; it has rows that ashore did not load");
  EXPECT_EQ(destination.lines("SELECT note FROM orders ORDER BY note"), before);
  may_adopt = true;
  EXPECT_EQ(shop.run_counts(), "1 1 1 1");
  EXPECT_EQ(destination.orders(), kThreeOrders);
  shop.options.adopt = nullptr;
  EXPECT_TRUE(shop.run().summary.nothing_new);
}

inline void expect_a_lost_stage_is_adopted(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.forget();
  shop.publish(three_orders(), "table-2");
  std::string told;
  shop.options.adopt = [&](const Adoption& adoption) {
    told = adoption_text(adoption);
    return true;
  };
  EXPECT_EQ(shop.run_counts(), "0 0 0 3");
  EXPECT_EQ(told, "orders: +0; ~0; -0; it was loaded from another published table");
  EXPECT_EQ(destination.orders(), kThreeOrders);
  told.clear();
  EXPECT_TRUE(shop.run().summary.nothing_new);
  EXPECT_EQ(told, "");
}

}  // namespace ashore::load
