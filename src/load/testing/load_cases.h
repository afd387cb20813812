// What every destination must do with a small published shop: included by the tests of each dialect
// (conformance).
#pragma once

#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <random>
#include <string>

#include "load/testing/shop.h"

namespace ashore::load {

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

inline void expect_a_key_that_is_published_twice_is_refused(Shop& shop, const std::string& what) {
  shop.written_twice = "b";
  shop.publish(three_orders());
  const auto error = shop.run_failure();
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(error.message().find(what), std::string::npos) << error.message();
  shop.forget();
  shop.written_twice = "";
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");  // nothing was left behind
}

// Three orders after one changed, one moved, one went and one came.
inline Orders changed_orders() {
  Orders orders = three_orders();
  orders["a"].details = "{\"b\": 1.0, \"a\": [ ]}";  // only a space less
  orders["b"].day = "2022-11-02";                    // moves
  orders.erase("c");
  orders["d"] = {{}, "no day", {}, {}, {}, {}};
  return orders;
}

inline const std::string kChangedOrders =
    "a|2022-11-01|caf\xc3\xa9 \xf0\x9f\x9a\x80 'x' \"y\" \\z|1|12.50|"
    "{\"b\": 1.0, \"a\": [ ]}|true\n"
    "b|2022-11-02|-|-|-|-|-\n"
    "d|-|no day|-|-|-|-\n";

inline void expect_changes_are_applied(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = changed_orders();
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "1 2 1 0");
  EXPECT_EQ(destination.orders(), kChangedOrders);
  orders.erase("d");
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "0 0 1 2");
  EXPECT_EQ(shop.run_counts(), "0 0 0 2");
}

// Where the version before is held, what a run changed is applied without reading a data file.
inline void expect_told_changes_are_applied(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = changed_orders();
  shop.publish_with_changes(orders);
  shop.before_data_read([] { return base::bug("a data file is read"); });
  EXPECT_EQ(shop.run_counts(), "1 2 1 0");
  EXPECT_EQ(destination.orders(), kChangedOrders);
  EXPECT_EQ(shop.run_counts(), "0 0 0 3");
  orders.erase("d");
  shop.publish_with_changes(orders);
  EXPECT_EQ(shop.run_counts(), "0 0 1 2");
  orders["b"].day = "2022-11-03";
  shop.publish_with_changes(orders);
  EXPECT_EQ(shop.run_counts(), "0 1 0 1");
  // What others did to these very rows meanwhile is put right, too.
  destination.execute("UPDATE orders SET note = 'edited', pieces = 7");
  orders["b"].note = "now";
  orders["a"].note = "then";
  shop.publish_with_changes(orders);
  EXPECT_EQ(shop.run_counts(), "0 2 0 0");
  EXPECT_EQ(destination.lines("SELECT note, coalesce(CAST(pieces AS varchar), '-') FROM orders"
                              " ORDER BY note"),
            "now|-\nthen|1\n");
}

// Changes of a version are of use where the one before it is held, and where no rows were added or
// removed by others.
inline void expect_told_changes_are_not_enough(Shop& shop, Destination& destination) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders["a"].note = "one";
  shop.publish(orders);
  orders["b"].note = "two";
  shop.publish_with_changes(orders);
  EXPECT_EQ(shop.run_counts(), "0 2 0 1");  // two versions at once
  destination.execute("DELETE FROM orders WHERE note = 'one'");
  orders["b"].note = "three";
  shop.publish_with_changes(orders);
  EXPECT_EQ(shop.run_counts(), "1 1 0 1");
  destination.execute(
      "INSERT INTO orders SELECT 'e', note, pieces, amount, details, paid, day"
      " FROM orders WHERE note = 'one'");
  orders["b"].note = "four";
  shop.publish_with_changes(orders);
  EXPECT_EQ(shop.run_counts(), "0 1 1 2");
  // A full load looks at all rows, whatever is told.
  destination.execute("UPDATE orders SET note = 'edited' WHERE note = 'one'");
  orders["b"].note = "five";
  shop.publish_with_changes(orders);
  shop.options.full = true;
  EXPECT_EQ(shop.run_counts(), "0 2 0 1");
  shop.options.full = false;
  // A damaged file is as if it were not there.
  orders["b"].note = "six";
  shop.publish_with_changes(orders);
  const std::string path = "runs/" + shop.options.run_id + "/handover/orders.changes.arrow";
  ASSERT_TRUE(shop.memory.write(path, "no rows").ok());
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
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

inline void expect_full_load_fixes_edits(Shop& shop, Destination& destination) {
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

// Whatever a hand does to rows, whole partitions and the null partition among them.
inline void expect_full_load_fixes_any_edit(Shop& shop, Destination& destination) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same edits every time
  const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
  Orders orders;
  for (int id = 0; id < 40; ++id) {
    auto& order = orders["o" + std::to_string(id)];
    if (below(8) > 0) order.day = "2022-11-0" + std::to_string(1 + below(6));
    order.pieces = below(100);
    order.amount = std::to_string(below(100)) + ".50";
    order.details = R"({"n": )" + std::to_string(below(9)) + "}";
  }
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "40 0 0 0");
  const auto published = destination.orders();
  shop.options.full = true;
  for (int round = 0; round < 30; ++round) {
    for (int edit = below(6); edit >= 0; --edit) {
      const auto one = R"("order ""id" = 'o)" + std::to_string(below(40)) + "'";
      const std::string edits[] = {
          "UPDATE orders SET pieces = 1000 WHERE " + one,
          "UPDATE orders SET day = NULL WHERE " + one,
          "UPDATE orders SET day = '2022-11-0" + std::to_string(1 + below(9)) + "' WHERE " + one,
          "UPDATE orders SET details = '{}', amount = NULL WHERE " + one,
          "DELETE FROM orders WHERE " + one,
          "DELETE FROM orders WHERE day = '2022-11-03'",
          R"(INSERT INTO orders ("order ""id", pieces) VALUES ('new)" + std::to_string(round) +
              "-" + std::to_string(edit) + "', 5)"};
      destination.execute(edits[below(std::size(edits))]);
    }
    shop.run_counts();
    EXPECT_EQ(destination.orders(), published) << "round " << round;
    EXPECT_TRUE(shop.run().summary.nothing_new);
  }
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
