// The rows of a version, with what a merge says it changes, are the rows of the next.
#include <gtest/gtest.h>

#include <random>

#include "delta/changed_rows.h"
#include "merge/testing/shop.h"

namespace ashore::merge {
namespace {

using Row = std::vector<std::string>;
using RowsByKey = std::map<Row, Row>;

std::string text_of(const arrow::Table& rows, const std::string& column, std::int64_t row) {
  return rows.GetColumnByName(column)->GetScalar(row).ValueOrDie()->ToString();
}

Row cells(const arrow::Table& rows, const std::vector<std::string>& columns, std::int64_t row) {
  Row cells;
  for (const auto& column : columns) cells.push_back(text_of(rows, column, row));
  return cells;
}

std::vector<std::string> names_of(const config::Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  return names;
}

RowsByKey published_rows(Shop& shop, const config::Table& table) {
  RowsByKey found;
  const auto snapshot = shop.snapshot(table.name);
  for (const auto& file : snapshot.files) {
    const auto rows =
        delta::read_rows(shop.store, state::table_folder(table.name) + "/" + file.path, file,
                         snapshot.schema, {})
            .value();
    for (std::int64_t row = 0; row < rows->num_rows(); ++row) {
      found[cells(*rows, table.key, row)] = cells(*rows, names_of(table), row);
    }
  }
  return found;
}

std::optional<delta::ChangedRows> changes_of(Shop& shop, const delta::TableCandidate& candidate,
                                             const std::string& run_id) {
  return delta::read_changed_rows(shop.store, {run_id, candidate.table, candidate.table_id,
                                               candidate.base_version + 1, candidate.schema})
      .value();
}

// Applies changes as their column says them, and asserts that it says the truth.
void apply(const delta::ChangedRows& changes, const config::Table& table, RowsByKey* rows) {
  const auto& words = *changes.rows->columns().back();
  for (std::int64_t row = 0; row < changes.rows->num_rows(); ++row) {
    const auto word = words.GetScalar(row).ValueOrDie()->ToString();
    const auto key = cells(*changes.rows, table.key, row);
    EXPECT_EQ(rows->contains(key), word != delta::kInsert) << word;
    EXPECT_EQ(row >= changes.upserted, word == delta::kDelete);
    if (word == delta::kDelete) {
      rows->erase(key);
      continue;
    }
    auto now = cells(*changes.rows, names_of(table), row);
    if (word == delta::kUpdate) {
      EXPECT_NE((*rows)[key], now);
    }
    (*rows)[key] = std::move(now);
  }
}

// A source that changes a little between runs.
class Source {
 public:
  explicit Source(unsigned seed) : random_(seed) {
    for (std::int64_t id = 0; id < 40; ++id) put(id);
  }
  const Orders& orders() const { return orders_; }
  std::int64_t number(std::int64_t end) { return static_cast<std::int64_t>(random_()) % end; }

  void change() {
    const auto changes = number(4);
    for (std::int64_t change = 0; change < changes; ++change) {
      const auto id = number(45);
      number(4) == 0 ? static_cast<void>(orders_.erase(id)) : put(id);
    }
  }

 private:
  void put(std::int64_t id) {
    Order order{number(6), number(3) == 0 ? "north" : "south", std::to_string(number(3)), {}};
    const auto lines = number(3);
    for (std::int64_t line = 0; line < lines; ++line) {
      order.lines[number(4)] = std::to_string(number(2));
    }
    orders_[id] = std::move(order);
  }

  std::mt19937 random_;
  Orders orders_;
};

TEST(RowChangesTest, MakeTheNextVersionOfTheVersionBefore) {
  int told = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    Source source(seed);
    Shop shop(1 + static_cast<int>(seed % 2));
    shop.memory_bytes = seed % 3 == 0 ? std::int64_t{1} << 16 : std::int64_t{512} << 20;
    shop.load({.orders = source.orders()});
    for (int step = 0; step < 5; ++step) {
      source.change();
      const auto merged = shop.merge({.orders = source.orders()}).value();
      std::map<std::string, RowsByKey> expected;
      for (const auto& candidate : merged.candidate.tables) {
        const auto& table = *shop.pipeline.table(candidate.table);
        const auto changes = changes_of(shop, candidate, merged.candidate.run_id);
        EXPECT_FALSE(candidate.is_unchanged() && changes);
        if (!changes) continue;
        ++told;
        EXPECT_EQ(changes->upserted, candidate.counts.inserted + candidate.counts.updated);
        expected[table.name] = published_rows(shop, table);
        apply(*changes, table, &expected[table.name]);
      }
      shop.publish(merged.candidate);
      for (const auto& [name, rows] : expected) {
        EXPECT_EQ(published_rows(shop, *shop.pipeline.table(name)), rows) << seed << " " << step;
      }
    }
  }
  EXPECT_GT(told, 100);
}

TEST(RowChangesTest, AreNotToldWhereMostRowsChange) {
  Source source(1);
  Shop shop;
  shop.load({.orders = source.orders()});
  auto orders = source.orders();
  for (auto& [id, order] : orders) order.note += "!";
  const auto merged = shop.merge({.orders = orders}).value();
  EXPECT_FALSE(merged.candidate.tables.front().is_unchanged());
  EXPECT_FALSE(changes_of(shop, merged.candidate.tables.front(), merged.candidate.run_id));
}

// As many as are told, one more, and more: of one partition, which lists them.
TEST(RowChangesTest, AreToldWholeOrNotAtAllWhereMemoryIsShort) {
  int told = 0;
  int untold = 0;
  for (std::int64_t id_end = 1; id_end <= 40; ++id_end) {
    Shop shop;
    Orders orders;
    for (std::int64_t id = 0; id < 100; ++id) orders[id] = {1, "north", "before"};
    shop.load({.orders = orders});
    for (std::int64_t id = 0; id < id_end; ++id) orders[id].note = "after!";
    shop.memory_bytes = 8 * 1024;
    const auto merged = shop.merge({.orders = orders}).value();
    const auto& candidate = merged.candidate.tables.front();
    EXPECT_EQ(candidate.counts.updated, id_end);
    const auto changes = changes_of(shop, candidate, merged.candidate.run_id);
    ++(changes ? told : untold);
    if (changes) {
      EXPECT_EQ(changes->upserted, id_end);
    }
  }
  EXPECT_GT(told, 3);
  EXPECT_GT(untold, 3);
}

TEST(RowChangesTest, AreNotToldOfATableThatIsWrittenAnew) {
  Source source(1);
  Shop shop;
  shop.load({.orders = source.orders()});
  shop.pipeline.tables.front().columns.push_back(shop_column("extra", base::TypeKind::kString));
  auto orders = source.orders();
  orders[99] = {1, "north", "new"};
  const auto merged = shop.merge({.orders = orders}).value();
  EXPECT_TRUE(merged.candidate.tables.front().changes_schema);
  EXPECT_FALSE(changes_of(shop, merged.candidate.tables.front(), merged.candidate.run_id));
}

}  // namespace
}  // namespace ashore::merge
