// Where no lock holds others off, publications meet at the intents: the tables always agree.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <set>

#include "delta/commit.h"
#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "io/memory_store.h"
#include "publish/intents.h"
#include "publish/publish.h"
#include "publish/testing/failing_store.h"
#include "publish/testing/merged_shop.h"

namespace ashore::publish {
namespace {

using base::ErrorKind;
using io::MemoryStore;

constexpr auto kObjectStorage = MemoryStore::Kind::kObjectStorage;

// Merged with the same versions as second_run(), and landed at another time.
Scene rival_run(std::int64_t landing_us) {
  Scene scene("run-rival", landing_us);
  auto orders = make_table("orders", 0);
  orders.add = {scene.file("west", "west 1", 7)};
  auto lines = make_table("lines", 0);
  lines.add = {scene.file("west", "west lines", 8)};
  scene.candidate.tables = {orders, lines};
  return scene;
}

void prepare_both(io::ObjectStore& store, const Scene& rival) {
  prepare_second(store);
  rival.stage(store);
}

// Who made the newest version of each table, in the order of first_run().
std::vector<std::string> authors(io::ObjectStore& store) {
  std::vector<std::string> runs;
  for (const auto* table : {"orders", "lines"}) {
    const auto folder = state::table_folder(table);
    const auto newest = delta::newest_version(store, folder).value();
    auto text = store.read(delta::log_path(folder, newest)).value();
    runs.push_back(delta::parse_log(text).value().run_id);
    (void)seen_by_reader(store, table);  // its files are there
  }
  return runs;
}

// Nothing is open, and each number was given once.
void expect_closed(io::ObjectStore& store) {
  const auto intents = read_intents(store);
  ASSERT_TRUE(intents.ok()) << intents.error().message();
  EXPECT_FALSE(intents.value().open);
  EXPECT_TRUE(store.list("stage/.staged").value().empty());
}

TEST(ObjectStorageTest, FilesLieInPlaceAndFinishedIntentsKeepTheirNumbers) {
  MemoryStore store(kObjectStorage);
  prepare_second(store);
  base::NullEventSink events;
  const auto result = publish_run(store, second_run().candidate, events);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(authors(store), (std::vector<std::string>{"run-2", "run-2"}));
  EXPECT_EQ(store.list_names("stage/.intents").value(),
            (std::vector<std::string>{"00000000000000000000.json", "00000000000000000001.json"}));
  // A reader of version 0 goes on: nothing is deleted without a lock.
  EXPECT_TRUE(store.stat("stage/orders/" + make_file("north", "north 1", 2).path).value());
  EXPECT_FALSE(store.stat(state::kIntentPath).value());
  expect_closed(store);
}

TEST(ObjectStorageTest, TheSameFilesAndLogsAsOnADisk) {
  base::NullEventSink events;
  std::vector<std::map<std::string, std::string>> tables;
  for (const auto kind : {MemoryStore::Kind::kDisk, kObjectStorage}) {
    MemoryStore store(kind);
    prepare_second(store);
    ASSERT_TRUE(publish_run(store, second_run().candidate, events).ok());
    auto& table = tables.emplace_back();
    for (const auto& [path, text] : objects_of(store)) {
      const bool is_intent = path.starts_with("stage/.intents");
      const bool is_superseded = path.ends_with(make_file("north", "north 1", 2).path);
      if (!is_intent && !is_superseded) table[path] = text;
    }
  }
  EXPECT_EQ(tables[0], tables[1]);
}

// A rival publishes whole between two calls of a publication, whichever two.
void meet_everywhere(std::int64_t rival_landing_us) {
  base::NullEventSink events;
  const auto rival = rival_run(rival_landing_us);
  std::set<std::string> winners;
  int calls = 0;
  for (;; ++calls) {
    SCOPED_TRACE("the rival comes at call " + std::to_string(calls));
    MemoryStore store(kObjectStorage);
    prepare_both(store, rival);
    std::optional<base::Result<Publication>> of_rival;
    FailingStore interrupted(
        store, calls, [&] { of_rival.emplace(publish_run(store, rival.candidate, events)); });
    const auto result = publish_run(interrupted, second_run().candidate, events);
    if (!of_rival) break;
    ASSERT_NE(result.ok(), of_rival->ok());
    const auto& refused = result.ok() ? of_rival->error() : result.error();
    EXPECT_EQ(refused.kind(), ErrorKind::kAlreadyExists) << refused.message();
    const std::string winner = result.ok() ? "run-2" : "run-rival";
    EXPECT_EQ(authors(store), (std::vector<std::string>{winner, winner}));
    EXPECT_EQ(delta::newest_version(store, "stage/orders").value(), 1);
    expect_closed(store);
    winners.insert(winner);
  }
  EXPECT_GT(calls, 20);
  EXPECT_EQ(winners.size(), 2U);
}

TEST(ObjectStorageTest, OfTwoAtOnceOnePublishesAllAndTheOtherMergesAgain) {
  meet_everywhere(3'000'000);
  meet_everywhere(1'500'000);
}

// As above, and the rival dies at any of its calls; what it leaves is finished by the other.
TEST(ObjectStorageTest, ARivalThatDiesAnywhereLeavesTheTablesInAgreement) {
  base::NullEventSink events;
  const auto rival = rival_run(3'000'000);
  for (int calls = 0;; ++calls) {
    bool has_come = false;
    for (int death = 0;; ++death) {
      SCOPED_TRACE(std::to_string(calls) + ", " + std::to_string(death));
      MemoryStore store(kObjectStorage);
      prepare_both(store, rival);
      bool has_died = false;
      FailingStore interrupted(store, calls, [&] {
        FailingStore dies(store, death, false);
        (void)publish_run(dies, rival.candidate, events).ok();
        has_died = dies.has_failed();
      });
      const auto result = publish_run(interrupted, second_run().candidate, events);
      has_come = interrupted.has_failed();
      ASSERT_TRUE(recover(store, events).ok());
      const std::string winner = result.ok() ? "run-2" : "run-rival";
      EXPECT_EQ(authors(store), (std::vector<std::string>{winner, winner}));
      if (!result.ok()) {
        EXPECT_EQ(result.error().kind(), ErrorKind::kAlreadyExists);
      }
      if (!has_died) break;
    }
    if (!has_come) break;
  }
}

// A death at any call: old or new, and both tables once it is finished.
TEST(ObjectStorageTest, ADeathAtAnyCallIsFinishedByTheNext) {
  base::NullEventSink events;
  for (const bool fails_once : {false, true}) {
    int calls = 0;
    for (;; ++calls) {
      SCOPED_TRACE("dies at call " + std::to_string(calls));
      MemoryStore store(kObjectStorage);
      prepare_second(store);
      FailingStore dies(store, calls, fails_once);
      (void)publish_run(dies, second_run().candidate, events).ok();
      if (!dies.has_failed()) break;
      ASSERT_TRUE(recover(store, events).ok());
      const auto seen = authors(store);
      EXPECT_EQ(seen[0], seen[1]);
      const auto again = publish_run(store, second_run().candidate, events);
      ASSERT_TRUE(again.ok()) << again.error().message();
      EXPECT_EQ(authors(store), (std::vector<std::string>{"run-2", "run-2"}));
      EXPECT_TRUE(store.stat("runs/run-2/publish.manifest.json").value());
    }
    EXPECT_GT(calls, 20);
  }
}

// Another program, which knows nothing of intents, takes one table's version.
TEST(ObjectStorageTest, AVersionThatAnotherProgramTookIsLostAndNothingIsRemoved) {
  base::NullEventSink events;
  int losses = 0;
  for (int calls = 0;; ++calls) {
    SCOPED_TRACE("the other program comes at call " + std::to_string(calls));
    MemoryStore store(kObjectStorage);
    prepare_second(store);
    bool has_won = false;
    FailingStore interrupted(store, calls, [&] {
      delta::Commit foreign;
      foreign.version = 1;
      has_won = delta::write_commit(store, "stage/lines", foreign).ok();
    });
    const auto result = publish_run(interrupted, second_run().candidate, events);
    if (!interrupted.has_failed()) break;
    EXPECT_EQ(result.ok(), !has_won);
    if (!result.ok()) {
      EXPECT_EQ(result.error().kind(), ErrorKind::kAlreadyExists) << result.error().message();
      ++losses;
    }
    for (const auto& table : second_run().candidate.tables) {
      for (const auto& add : table.add) {
        EXPECT_TRUE(store.stat("stage/" + table.table + "/" + add.path).value()) << add.path;
      }
    }
    expect_closed(store);
  }
  EXPECT_GT(losses, 0);
}

TEST(ObjectStorageTest, ADamagedRecordIsSetAsideAndItsNumberStaysTaken) {
  MemoryStore store(kObjectStorage);
  prepare_second(store);
  base::NullEventSink events;
  const std::string damaged = "stage/.intents/00000000000000000001.json";
  ASSERT_TRUE(store.write(damaged, "{").ok());
  const auto refused = publish_run(store, second_run().candidate, events);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("--from-log"), std::string::npos);
  ASSERT_TRUE(set_damaged_intent_aside(store).value());
  EXPECT_EQ(store.read("stage/.evidence/00000000000000000001.json").value(), "{");
  EXPECT_FALSE(set_damaged_intent_aside(store).value());
  EXPECT_EQ(read_intents(store).value().next_path, "stage/.intents/00000000000000000002.json");
  EXPECT_TRUE(publish_run(store, second_run().candidate, events).ok());
}

}  // namespace
}  // namespace ashore::publish
