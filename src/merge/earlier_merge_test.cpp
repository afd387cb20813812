// An earlier merge is taken over where merging again would say the very same, and nowhere else.
#include "merge/earlier_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "delta/basis.h"
#include "merge/testing/shop.h"

namespace ashore::merge {
namespace {

using Tables = std::vector<delta::TableCandidate>;

const Orders kTwo = {{1, {1, "north", "one", {{1, "rope"}, {2, "sail"}}}},
                     {2, {2, "south", "two", {{1, "mast"}}}}};

base::Window days(std::int64_t first, std::int64_t end) {
  return {base::Timestamp(std::chrono::days(first)), base::Timestamp(std::chrono::days(end))};
}

std::string json_of(const std::string& run_id, Tables tables) {
  return delta::candidate_json({run_id, 0, std::move(tables)});
}

// As audit does.
void keep_basis(Shop* shop, const delta::Candidate& candidate) {
  delta::TableLogs logs(shop->store);
  const auto bases = delta::read_base_entries(logs, candidate);
  ASSERT_TRUE(bases.ok());
  ASSERT_TRUE(
      delta::write_basis(shop->store, shop->pipeline.sha256, candidate, bases.value()).ok());
}

// Merges, keeps what the candidate builds on, as audit does, and publishes.
std::string settle(Shop* shop, const Landed& landed) {
  const auto merged = shop->merge(landed);
  EXPECT_TRUE(merged.ok()) << merged.error().message();
  const auto& candidate = merged.value().candidate;
  keep_basis(shop, candidate);
  shop->publish(candidate);
  return candidate.run_id;
}

// What merging the landing of run `run_id` would make, as run `earlier` tells.
std::optional<Tables> earlier_of(Shop* shop, const std::string& run_id,
                                 const std::string& earlier) {
  io::ScriptedTransport http(std::deque<base::Result<io::HttpResponse>>{});
  io::FakeClock clock;
  io::SeededRandom random;
  io::Env env{.http = http, .store = shop->store, .clock = clock, .random = random};
  base::NullEventSink events;
  const auto window =
      state::read_manifest(shop->store, state::stage_manifest_path(run_id, "transform"));
  EXPECT_TRUE(window.ok());
  delta::TableLogs logs(shop->store);
  auto taken =
      earlier_merge(shop->pipeline, window.value(), {.run_id = run_id, .equal_window_of = earlier},
                    logs, {.env = env, .events = events, .stop = {}});
  EXPECT_TRUE(taken.ok()) << taken.error().message();
  return taken.ok() ? std::move(taken).value() : std::nullopt;
}

// Run 1 landed and published two orders; run 2 landed them again, and merged without help.
class EarlierMergeTest : public testing::Test {
 protected:
  EarlierMergeTest() {
    settle(&shop, {kTwo});
    merged = shop.merge({kTwo}).value();
  }

  bool is_taken() { return earlier_of(&shop, "run-2", "run-1").has_value(); }

  // Reads and writes what run 1 left of a stage.
  void change_summary(const std::function<void(state::Summary*)>& change) {
    auto summary = state::read_summary(shop.store, "run-1", "merge").value();
    change(&summary);
    ASSERT_TRUE(state::write_summary(shop.store, "run-1", summary).ok());
  }
  void change_manifest(const std::function<void(state::Manifest*)>& change) {
    const auto path = state::stage_manifest_path("run-1", "merge");
    auto manifest = state::read_manifest(shop.store, path).value();
    change(&manifest);
    ASSERT_TRUE(state::write_manifest(shop.store, path, manifest).ok());
  }

  Shop shop;
  Merged merged;
};

TEST_F(EarlierMergeTest, SaysWhatMergingSays) {
  const auto taken = earlier_of(&shop, "run-2", "run-1");
  ASSERT_TRUE(taken);
  EXPECT_EQ(json_of("run-2", *taken), json_of("run-2", merged.candidate.tables));
}

TEST_F(EarlierMergeTest, ARunThatChangedNothingMayBeTakenOverToo) {
  keep_basis(&shop, merged.candidate);
  ASSERT_TRUE(shop.merge({kTwo}).ok());
  EXPECT_TRUE(earlier_of(&shop, "run-3", "run-2"));
  EXPECT_TRUE(earlier_of(&shop, "run-3", "run-1"));
}

TEST_F(EarlierMergeTest, NoneIsTakenWhereNoneIsNamedOrNothingIsLeft) {
  EXPECT_FALSE(earlier_of(&shop, "run-2", ""));
  EXPECT_FALSE(earlier_of(&shop, "run-2", "run-7"));
  ASSERT_TRUE(shop.store.write("runs/run-1/basis.json", "{").ok());
  EXPECT_FALSE(is_taken());
}

TEST_F(EarlierMergeTest, ARunThatWasNotPublishedIsNotTaken) {
  auto other = kTwo;
  other[3] = {3, "south", "three"};
  const auto unpublished = shop.merge({other}).value();
  keep_basis(&shop, unpublished.candidate);
  ASSERT_TRUE(shop.merge({other}).ok());
  EXPECT_FALSE(earlier_of(&shop, "run-4", "run-3"));
}

TEST_F(EarlierMergeTest, ATableThatAnotherRunChangedSinceIsMerged) {
  auto other = kTwo;
  other[1].lines[3] = "oar";
  settle(&shop, {other});
  EXPECT_FALSE(is_taken());
  settle(&shop, {kTwo});  // the same rows again, in other versions
  EXPECT_FALSE(is_taken());
}

TEST_F(EarlierMergeTest, AVersionThatAnotherCommitMadeIsMerged) {
  const auto path = delta::log_path("stage/lines", 0);
  auto entry = shop.store.read(path).value();
  entry.replace(entry.find("run-1"), 5, "run-8");
  ASSERT_TRUE(shop.store.write(path, entry).ok());
  EXPECT_FALSE(is_taken());
  ASSERT_TRUE(shop.store.remove(path).ok());
  EXPECT_FALSE(is_taken());
}

TEST_F(EarlierMergeTest, AnotherFileReleaseOrWindowIsMerged) {
  change_manifest([](state::Manifest* manifest) { manifest->pipeline_sha256 = "another"; });
  EXPECT_FALSE(is_taken());
  change_manifest([](state::Manifest* manifest) { manifest->pipeline_sha256 = ""; });
  ASSERT_TRUE(is_taken());
  change_manifest([](state::Manifest* manifest) { manifest->version = "9.9.9"; });
  EXPECT_FALSE(is_taken());
  change_manifest([](state::Manifest* manifest) {
    manifest->version = "";
    manifest->window = days(1, 3);
  });
  EXPECT_FALSE(is_taken());
  change_manifest([](state::Manifest* manifest) {
    manifest->window = {};
    manifest->started_us = 9'000'000;  // it landed later
  });
  EXPECT_FALSE(is_taken());
}

TEST_F(EarlierMergeTest, RowsThatAreNotPublishedAsTheyWereStagedAreMerged) {
  using Counts = state::TableCounts;
  for (const auto field : {&Counts::rejected, &Counts::stale, &Counts::older, &Counts::missing}) {
    change_summary([&](state::Summary* summary) { summary->tables[1].*field = 1; });
    EXPECT_FALSE(is_taken());
    change_summary([&](state::Summary* summary) { summary->tables[1].*field = 0; });
    ASSERT_TRUE(is_taken());
  }
  change_summary([](state::Summary* summary) { summary->warnings.emplace_back("of the future"); });
  EXPECT_FALSE(is_taken());
}

TEST_F(EarlierMergeTest, ATableThatTheEarlierRunDidNotKnowIsMerged) {
  change_summary([](state::Summary* summary) { summary->tables.pop_back(); });
  EXPECT_FALSE(is_taken());
}

// Some days' orders, each in one of two regions.
Landed any_landing() {
  Landed landed;
  const auto first = *rc::gen::inRange(0, 3);
  if (*rc::gen::arbitrary<bool>()) landed.window = days(first, first + 3);
  for (const auto id : *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 9))) {
    Order order;
    order.day =
        landed.window.is_unbounded() ? *rc::gen::inRange(0, 6) : first + *rc::gen::inRange(0, 3);
    order.region = *rc::gen::element<std::string>("north", "south");
    order.note = *rc::gen::element<std::string>("", "a", "b");
    if (*rc::gen::arbitrary<bool>()) order.lines[1] = *rc::gen::element<std::string>("rope", "oar");
    landed.orders[id] = order;
  }
  if (*rc::gen::inRange(0, 4) == 0) landed.asked_orders = {1, 2, 3};
  if (*rc::gen::inRange(0, 8) == 0) landed.rejected_orders = {5};
  return landed;
}

// After any landings, one of them comes again: what an earlier run tells is what merging finds.
TEST(EarlierMergePropertyTest, NeverSaysOtherThanMerging) {
  std::size_t taken_count = 0;
  const bool holds = rc::check([&] {
    Shop shop;
    std::vector<std::pair<std::string, Landed>> landings;
    const auto count = *rc::gen::inRange(1, 5);
    for (int index = 0; index < count; ++index) {
      const auto landed = any_landing();
      landings.emplace_back(settle(&shop, landed), landed);
    }
    const auto& [earlier, landed] = *rc::gen::elementOf(landings);
    const auto merged = shop.merge(landed);
    RC_ASSERT(merged.ok());
    const auto& candidate = merged.value().candidate;
    const auto taken = earlier_of(&shop, candidate.run_id, earlier);
    if (!taken) return;
    ++taken_count;
    RC_ASSERT(json_of("run", *taken) == json_of("run", candidate.tables));
    RC_ASSERT(merged.value().summary.warnings.empty());
  });
  EXPECT_TRUE(holds);
  EXPECT_GT(taken_count, 10U);
}

}  // namespace
}  // namespace ashore::merge
