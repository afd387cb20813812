// After any sequence of landings the published tables are what a plain map from key to row says.
#include "merge/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>

#include "merge/testing/shop.h"

namespace ashore::merge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

base::Window days(std::int64_t first, std::int64_t end) {
  return {base::Timestamp(std::chrono::days(first)), base::Timestamp(std::chrono::days(end))};
}

const Orders kThree = {{1, {1, "north", "one", {{1, "rope"}, {2, "sail"}}}},
                       {2, {2, "north", "two"}},
                       {3, {3, "south", "three", {{1, "mast"}}}}};

TEST(MergeTest, TheFirstLandingIsPublishedWhole) {
  Shop shop;
  const auto counts = shop.load({kThree});
  EXPECT_EQ(shop.published(), kThree);
  EXPECT_EQ(counts.at("orders").inserted, 3);
  EXPECT_EQ(counts.at("orders").partitions_total, 2);
  EXPECT_EQ(counts.at("lines").inserted, 3);
}

TEST(MergeTest, TheSameLandingAgainChangesNothing) {
  Shop shop;
  shop.load({kThree});
  const auto again = shop.merge({kThree});
  ASSERT_TRUE(again.ok());
  for (const auto& table : again.value().candidate.tables) EXPECT_TRUE(table.is_unchanged());
  EXPECT_EQ(again.value().summary.tables[0].unchanged, 3);
  EXPECT_TRUE(shop.store.list("stage/.staged").value().empty());
}

TEST(MergeTest, OnlyTouchedPartitionsAreWrittenAgain) {
  Shop shop;
  shop.load({kThree});
  const auto before = shop.files("orders");
  auto changed = kThree;
  changed[2].note = "changed";
  changed[4] = {4, "north", "new"};
  const auto counts = shop.load({changed}).at("orders");
  EXPECT_EQ(shop.published(), changed);
  EXPECT_EQ(counts.updated, 1);
  EXPECT_EQ(counts.inserted, 1);
  EXPECT_EQ(counts.unchanged, 2);
  EXPECT_EQ(counts.partitions_touched, 1);
  EXPECT_NE(shop.files("orders")[0], before[0]);
  EXPECT_EQ(shop.files("orders")[1], before[1]);
}

TEST(MergeTest, AnOrderThatChangesPartitionLeavesItsOldOneWithItsLines) {
  Shop shop;
  shop.load({kThree});
  auto moved = kThree;
  moved[1].region = "south";
  const auto counts = shop.load({moved});
  EXPECT_EQ(shop.published(), moved);
  EXPECT_EQ(counts.at("orders").moved, 1);
  EXPECT_EQ(counts.at("lines").moved, 2);
  shop.load({kThree});
  EXPECT_EQ(shop.published(), kThree);
}

TEST(MergeTest, ExamplesShowWhatChangedOldAndNew) {
  Shop shop;
  shop.load({kThree});
  auto later = kThree;
  later[1].region = "south";
  later[2].note = "changed";
  later[3].lines = {{2, "oar"}};
  later[4] = {4, "north", "new"};
  ASSERT_TRUE(shop.merge({later}).ok());
  const auto text = shop.store.read("runs/run-2/examples.json").value();
  EXPECT_THAT(text,
              HasSubstr(R"("orders":{"inserted":[{"key":[["id","4"]],"row":[["day","1970-01-05"],)"
                        R"(["region","north"],["note","new"]]}])"));
  EXPECT_THAT(
      text, HasSubstr(R"("updated":[{"key":[["id","2"]],"changes":[["note","two","changed"]]}])"));
  EXPECT_THAT(
      text, HasSubstr(R"("moved":[{"key":[["id","1"]],"changes":[["region","north","south"]]}])"));
  EXPECT_THAT(text, HasSubstr(R"("deleted":[{"key":[["line","1"],["order_id","3"]],"row":)"));
  EXPECT_THAT(text, HasSubstr(R"(["product","mast"])"));
}

TEST(MergeTest, ExamplesAreFewAndTheSameForAnyNumberOfThreads) {
  Orders many;
  for (std::int64_t id = 0; id < 100; ++id) {
    many[id] = {id, id % 7 == 0 ? "north" : "south", "old"};
  }
  auto changed = many;
  for (auto& [id, order] : changed) order.note = "new";
  const auto examples = [&](int threads) {
    Shop shop(threads);
    shop.load({many});
    EXPECT_TRUE(shop.merge({changed}).ok());
    return shop.store.read("runs/run-2/examples.json").value();
  };
  const auto text = examples(1);
  EXPECT_EQ(examples(8), text);
  // All 15 of the north, then the first of the south.
  std::vector<std::int64_t> first;
  for (std::int64_t id = 0; id < 100; id += 7) first.push_back(id);
  first.insert(first.end(), {1, 2, 3, 4, 5});
  for (const auto id : first) {
    EXPECT_THAT(text, HasSubstr(R"({"key":[["id",")" + std::to_string(id) + R"("]],"changes")"));
  }
  EXPECT_THAT(text, testing::Not(HasSubstr(R"(["id","6"])")));
}

TEST(MergeTest, APartitionThatLosesItsLastRowIsRemoved) {
  Shop shop;
  shop.load({kThree});
  auto moved = kThree;
  moved[3].region = "north";
  shop.load({moved});
  EXPECT_EQ(shop.files("orders").size(), 1U);
  EXPECT_EQ(shop.published(), moved);
}

TEST(MergeTest, AnOrdersLinesAreReplacedAsASet) {
  Shop shop;
  shop.load({kThree});
  auto exchanged = kThree;
  exchanged[1].lines = {{2, "sail"}, {7, "oar"}};
  const auto counts = shop.load({exchanged}).at("lines");
  EXPECT_EQ(shop.published(), exchanged);
  EXPECT_EQ(counts.replaced, 1);
  EXPECT_EQ(counts.inserted, 1);
  exchanged[1].lines.clear();
  shop.load({exchanged});
  EXPECT_EQ(shop.published(), exchanged);
}

TEST(MergeTest, ARejectedOrderStaysAsItWasWithItsLines) {
  Shop shop;
  shop.load({kThree});
  auto rest = kThree;
  rest.erase(1);
  const auto counts = shop.load({.orders = rest, .rejected_orders = {1}}).at("orders");
  EXPECT_EQ(shop.published(), kThree);
  EXPECT_EQ(counts.stale, 1);
  EXPECT_EQ(counts.missing, 0);
}

TEST(MergeTest, ARejectedLineStaysAsItWas) {
  Shop shop;
  shop.load({kThree});
  auto rest = kThree;
  rest[1].lines.erase(1);
  const auto counts = shop.load({.orders = rest, .rejected_lines = {{1, 1}}}).at("lines");
  EXPECT_EQ(shop.published(), kThree);
  EXPECT_EQ(counts.stale, 1);
  EXPECT_EQ(counts.replaced, 0);
}

TEST(MergeTest, NothingIsMissingWhereAKeyCouldNotBeRead) {
  Shop shop;
  shop.pipeline.tables[0].missing = config::Missing::kDelete;
  shop.load({kThree});
  const auto counts = shop.load({.orders = {{2, kThree.at(2)}}, .unreadable_keys = 1});
  EXPECT_EQ(shop.published(), kThree);
  EXPECT_EQ(counts.at("orders").missing, 0);
}

TEST(MergeTest, MissingOrdersOfTheWindowAreKeptAndCountedOrDeletedAsTheTableSays) {
  for (const auto rule : {config::Missing::kKeep, config::Missing::kDelete}) {
    Shop shop;
    shop.pipeline.tables[0].missing = rule;
    shop.load({kThree});
    const auto counts = shop.load({.window = days(1, 3)}).at("orders");
    EXPECT_EQ(counts.missing, 2);
    auto expected = kThree;
    if (rule == config::Missing::kDelete) {
      expected.erase(1);
      expected.erase(2);
    }
    EXPECT_EQ(shop.published(), expected);
  }
}

TEST(MergeTest, MissingOrdersAreNamedToBeAskedForAndDeletedWhereTheyAreGone) {
  Shop shop;
  shop.load({kThree});
  Landed landed{.orders = {{2, kThree.at(2)}}, .window = days(1, 3)};
  const auto named = shop.merge(landed, true);
  ASSERT_TRUE(named.ok());
  EXPECT_THAT(named.value().pending, ElementsAre("1"));
  EXPECT_THAT(named.value().candidate.tables, IsEmpty());
  landed.asked_orders = {1};
  const auto counts = shop.load(landed);
  EXPECT_EQ(counts.at("orders").deleted, 1);
  EXPECT_EQ(counts.at("lines").deleted, 2);
  EXPECT_EQ(shop.published(), (Orders{{2, kThree.at(2)}, {3, kThree.at(3)}}));
}

TEST(MergeTest, ANewNullableColumnWritesTheWholeTableAgain) {
  Shop shop;
  shop.load({kThree});
  shop.pipeline.tables[0].columns.push_back(shop_column("gift", base::TypeKind::kString));
  const auto merged = shop.merge({.orders = {{2, kThree.at(2)}}, .window = days(2, 3)});
  ASSERT_TRUE(merged.ok()) << merged.error().message();
  const auto& orders = merged.value().candidate.tables[0];
  EXPECT_TRUE(orders.changes_schema);
  EXPECT_EQ(orders.add.size(), 2U);
  EXPECT_EQ(orders.remove.size(), 2U);
  EXPECT_TRUE(merged.value().candidate.tables[1].is_unchanged());
  shop.publish(merged.value().candidate);
  EXPECT_EQ(shop.published(), kThree);
  EXPECT_EQ(shop.snapshot("orders").schema.fields.back().name, "gift");
}

TEST(MergeTest, AnyOtherChangeOfTheSchemaIsRefusedWithTheWayOut) {
  const auto refused = [](const auto& change) {
    Shop shop;
    shop.load({kThree});
    change(shop.pipeline.tables[0]);
    const auto merged = shop.merge({});
    ASSERT_FALSE(merged.ok());
    EXPECT_EQ(merged.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_THAT(merged.error().message(), HasSubstr("replay --rebuild"));
    EXPECT_THAT(merged.error().message(), HasSubstr("orders"));
  };
  refused([](config::Table& table) { table.columns[3].type = {base::TypeKind::kInt64}; });
  refused([](config::Table& table) { table.columns.pop_back(); });
  refused([](config::Table& table) { table.columns[3].is_required = true; });
  refused([](config::Table& table) { table.partition_by = "day"; });
  refused([](config::Table& table) { table.partition_by.reset(); });
  refused([](config::Table& table) { std::swap(table.columns[2], table.columns[3]); });
}

TEST(MergeTest, AnyNumberOfThreadsGivesTheSameFiles) {
  Shop one(1);
  Shop four(4);
  Orders many;
  for (std::int64_t id = 0; id < 300; ++id) {
    many[id] = {id % 30, "region " + std::to_string(id % 40), "note", {{id % 3, "rope"}}};
  }
  for (const auto& orders : {kThree, many, kThree}) {
    one.load({orders});
    four.load({orders});
    EXPECT_EQ(one.files("orders"), four.files("orders"));
    EXPECT_EQ(one.files("lines"), four.files("lines"));
  }
}

TEST(MergeTest, PartitionValuesNeverLeaveTheirFolder) {
  Orders hostile;
  std::int64_t id = 0;
  for (const auto* region : {"..", ".", "../../x", "/etc/x", "%2e%2e", "a/b", "_delta_log", "CON",
                             "__HIVE_DEFAULT_PARTITION__", "", "a=b", "\n", "'; --"}) {
    hostile[++id] = {1, region, "note"};
  }
  Shop shop;
  shop.load({hostile});
  EXPECT_EQ(shop.published(), hostile);
  for (const auto& info : shop.store.list("").value()) {
    EXPECT_TRUE(info.path.starts_with("stage/") || info.path.starts_with("runs/")) << info.path;
  }
}

// --- any sequence of states and windows -------------------------------------------------------

// A map whose later pairs replace earlier ones of the same key.
template <typename Key, typename Value>
rc::Gen<std::map<Key, Value>> any_map(std::int64_t keys, rc::Gen<Value> value) {
  const auto pair = rc::gen::pair(rc::gen::inRange<Key>(0, keys), std::move(value));
  return rc::gen::map(rc::gen::container<std::vector<std::pair<Key, Value>>>(pair),
                      [](const std::vector<std::pair<Key, Value>>& pairs) {
                        std::map<Key, Value> map;
                        for (const auto& [key, held] : pairs) map[key] = held;
                        return map;
                      });
}

rc::Gen<Order> any_order() {
  return rc::gen::construct<Order>(
      rc::gen::inRange<std::int64_t>(0, 6),
      rc::gen::element<std::string>("north", "south", "a/b", ""),
      rc::gen::element<std::string>("", "x", "y"),
      any_map<std::int64_t>(4, rc::gen::element<std::string>("rope", "sail")));
}

Orders in_window(const Orders& orders, const base::Window& window) {
  Orders found;
  for (const auto& [id, order] : orders) {
    if (window.contains(base::Timestamp(std::chrono::days(order.day)))) found[id] = order;
  }
  return found;
}

// One run as the pipeline does it: what is missing is asked for, and merged again with the answers.
void run(Shop* shop, const Orders& source, const base::Window& window) {
  Landed landed{.orders = in_window(source, window), .window = window};
  auto merged = shop->merge(landed, true);
  RC_ASSERT(merged.ok());
  if (!merged.value().pending.empty()) {
    for (const auto& id : merged.value().pending) {
      landed.asked_orders.push_back(std::stoll(id));
      const auto found = source.find(landed.asked_orders.back());
      if (found != source.end()) landed.orders.insert(*found);
    }
    std::ranges::sort(landed.asked_orders);
    merged = shop->merge(landed, true);
    RC_ASSERT(merged.ok());
  }
  RC_ASSERT(merged.value().pending.empty());
  shop->publish(merged.value().candidate);
}

// What is published after a run, were it a plain map.
Orders expected_after(Orders published, const Orders& source, const base::Window& window) {
  for (const auto& [id, order] : in_window(published, window)) {
    const auto found = source.find(id);
    if (found == source.end()) {
      published.erase(id);
    } else {
      published[id] = found->second;
    }
  }
  for (const auto& [id, order] : in_window(source, window)) published[id] = order;
  return published;
}

TEST(MergeTest, AnySequenceOfStatesAndWindowsEqualsAMapFromKeyToRow) {
  EXPECT_TRUE(rc::check([] {
    Shop shop;
    shop.files_read_outright = *rc::gen::element<std::size_t>(0, 1, 256);
    shop.memory_bytes = *rc::gen::element<std::int64_t>(64, std::int64_t{512} << 20);
    Orders model;
    const auto steps = *rc::gen::inRange(1, 6);
    for (int step = 0; step < steps; ++step) {
      const auto source = *any_map<std::int64_t>(8, any_order());
      const auto first = *rc::gen::inRange<std::int64_t>(0, 6);
      const auto window = *rc::gen::element(base::Window{}, days(first, 6), days(first, first + 2));
      run(&shop, source, window);
      model = expected_after(model, source, window);
      if (!delta::read_snapshot(shop.store, "stage/orders").value()) {
        RC_ASSERT(model.empty());
        continue;
      }
      RC_ASSERT(shop.published() == model);
      const auto files = shop.files("orders");
      run(&shop, source, window);
      RC_ASSERT(shop.files("orders") == files);
    }
    if (!model.empty()) RC_ASSERT(!testing::Test::HasFailure());
  }));
}

// --- any sequence of landings of which parts were rejected -------------------------------------

// An order whose region follows from its id: a stale line does not follow its order elsewhere.
Orders staying(Orders orders) {
  for (auto& [id, order] : orders) order.region = id % 2 == 0 ? "north" : "south";
  return orders;
}

// Rejected lines belong to orders that were landed or rejected themselves.
Landed any_landing() {
  const auto first = *rc::gen::inRange<std::int64_t>(0, 6);
  Landed landed;
  landed.window = *rc::gen::element(base::Window{}, days(first, 6), days(first, first + 2));
  landed.orders = in_window(staying(*any_map<std::int64_t>(8, any_order())), landed.window);
  // Each order's id with one of its lines.
  const auto some_lines = any_map<std::int64_t>(8, rc::gen::inRange<std::int64_t>(0, 4));
  const auto rejected = *some_lines;
  for (const auto& [id, line] : rejected) landed.rejected_orders.push_back(id);
  for (const auto& [id, line] : *some_lines) {
    if (!landed.orders.contains(id) && !rejected.contains(id)) continue;
    landed.rejected_lines.emplace_back(line, id);
  }
  std::ranges::sort(landed.rejected_lines);
  landed.unreadable_keys = *rc::gen::element<std::int64_t>(0, 0, 0, 1);
  landed.unreadable_lines = *rc::gen::element<std::int64_t>(0, 0, 0, 1);
  return landed;
}

// What merge counts of rows that were published and are not in a landing.
struct Absent {
  std::int64_t stale = 0;
  std::int64_t missing = 0;
  std::int64_t deleted = 0;
  std::int64_t replaced = 0;

  bool operator==(const Absent&) const = default;
};

Absent absent_of(const state::TableCounts& counts) {
  return {counts.stale, counts.missing, counts.deleted, counts.replaced};
}

// The same rules said of a plain map.
struct Model {
  Orders published;
  Absent orders;
  Absent lines;

  void take(const Landed& landed, bool deletes) {
    orders = lines = {};
    auto next = landed.orders;
    for (const auto& [id, order] : published) {
      const auto found = next.find(id);
      if (found != next.end()) {
        keep_lines(landed, id, order, &found->second);
      } else if (stays(landed, id, order, deletes)) {
        next[id] = order;
        for (const auto& [line, product] : order.lines)
          lines.stale += was_rejected(landed, line, id);
      } else {
        ++orders.deleted;
        lines.deleted += static_cast<std::int64_t>(order.lines.size());
      }
    }
    published = std::move(next);
  }

 private:
  static bool was_rejected(const Landed& landed, std::int64_t line, std::int64_t id) {
    return std::ranges::find(landed.rejected_lines, std::pair(line, id)) !=
           landed.rejected_lines.end();
  }

  void keep_lines(const Landed& landed, std::int64_t id, const Order& before, Order* now) {
    const bool is_in_doubt = landed.unreadable_keys + landed.unreadable_lines > 0;
    for (const auto& [line, product] : before.lines) {
      if (now->lines.contains(line)) continue;
      if (!is_in_doubt && !was_rejected(landed, line, id)) {
        ++lines.replaced;
      } else {
        ++lines.stale;
        now->lines[line] = product;
      }
    }
  }

  bool stays(const Landed& landed, std::int64_t id, const Order& order, bool deletes) {
    const auto& rejected = landed.rejected_orders;
    if (std::ranges::find(rejected, id) != rejected.end()) {
      ++orders.stale;
      return true;
    }
    const base::Timestamp day(std::chrono::days(order.day));
    if (landed.unreadable_keys > 0 || !landed.window.contains(day)) return true;
    ++orders.missing;
    return !deletes;
  }
};

TEST(MergeTest, AnySequenceOfLandingsWithRejectionsKeepsWhatIsInDoubt) {
  EXPECT_TRUE(rc::check([] {
    const bool deletes = *rc::gen::arbitrary<bool>();
    Shop shop(*rc::gen::element(1, 3));
    shop.files_read_outright = *rc::gen::element<std::size_t>(0, 1, 256);
    shop.memory_bytes = *rc::gen::element<std::int64_t>(64, std::int64_t{512} << 20);
    shop.pipeline.tables[0].missing = deletes ? config::Missing::kDelete : config::Missing::kKeep;
    Model model;
    const auto steps = *rc::gen::inRange(1, 6);
    for (int step = 0; step < steps; ++step) {
      const auto landed = any_landing();
      const auto counts = shop.load(landed);
      model.take(landed, deletes);
      const auto& orders = counts.at("orders");
      RC_ASSERT(absent_of(orders) == model.orders);
      RC_ASSERT(absent_of(counts.at("lines")) == model.lines);
      RC_ASSERT(orders.inserted + orders.updated + orders.unchanged ==
                static_cast<std::int64_t>(landed.orders.size()));
      if (!delta::read_snapshot(shop.store, "stage/orders").value()) {
        RC_ASSERT(model.published.empty());
        continue;
      }
      RC_ASSERT(shop.published() == model.published);
    }
    RC_ASSERT(!testing::Test::HasFailure());
  }));
}

}  // namespace
}  // namespace ashore::merge
