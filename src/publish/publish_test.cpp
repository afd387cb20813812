// Publications are atomic a table, finished after any failure, and refused where they must be.
#include "publish/publish.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/digest.h"
#include "delta/commit.h"
#include "delta/snapshot.h"
#include "io/disk_store.h"
#include "io/memory_store.h"
#include "publish/testing/failing_store.h"
#include "publish/testing/merged_shop.h"
#include "state/intent.h"
#include "state/run_folder.h"

namespace ashore::publish {
namespace {

using base::ErrorKind;
using base::Result;

TEST(PublishTest, ANewTableGetsVersion0AndItsFilesLieInHiveFolders) {
  io::MemoryStore store;
  KeptEvents events;
  auto scene = first_run();
  scene.stage(store);
  const auto result = publish_run(store, scene.candidate, events);
  ASSERT_TRUE(result.ok()) << result.error().message();
  const auto& publication = result.value();
  ASSERT_EQ(publication.tables.size(), 2U);
  EXPECT_EQ(publication.tables[0].version, 0);
  EXPECT_EQ(publication.tables[0].rows, 3);
  EXPECT_TRUE(publication.tables[0].changed);
  EXPECT_FALSE(publication.summary.nothing_new);
  EXPECT_EQ(publication.summary.tables[0].version, 0);
  EXPECT_EQ(publication.summary.tables[0].inserted, 3);
  const auto objects = objects_of(store);
  std::vector<std::string> names;
  for (const auto& [path, text] : objects) names.push_back(path);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "runs/run-1/candidate.json", "runs/run-1/publish.manifest.json",
                       "runs/run-1/publish.summary.json",
                       "stage/lines/_delta_log/00000000000000000000.json",
                       "stage/orders/_delta_log/00000000000000000000.json",
                       "stage/orders/" + scene.candidate.tables[0].add[0].path,
                       "stage/orders/" + scene.candidate.tables[0].add[1].path}));
  const auto published = events.of<base::TablePublished>();
  ASSERT_EQ(published.size(), 2U);
  EXPECT_EQ(published[0].files_added, 2);
  const auto manifest = state::read_manifest(store, "runs/run-1/publish.manifest.json");
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(manifest.value().files[0].path, "stage/orders/_delta_log/00000000000000000000.json");
  EXPECT_EQ(manifest.value().parent->path, "runs/run-1/audit.manifest.json");
}

TEST(PublishTest, SupersededFilesGoAndANewColumnStaysInTheMetadata) {
  io::MemoryStore store;
  prepare_second(store);
  base::NullEventSink events;
  const auto result = publish_run(store, second_run().candidate, events);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result.value().tables[0].rows, 5);
  EXPECT_FALSE(store.stat("stage/orders/" + make_file("north", "north 1", 2).path).value());
  const auto lines = delta::read_snapshot(store, "stage/lines").value();
  EXPECT_EQ(lines->version, 1);
  EXPECT_TRUE(lines->schema.index_of("note").has_value());
  EXPECT_EQ(lines->table_id, "id-of-lines");
  EXPECT_EQ(lines->created_ms, 2000);
  EXPECT_EQ(lines->transactions.at("ashore/shop"), 2'000'000);
}

TEST(PublishTest, AnUnchangedCandidateWritesNothingUnderStage) {
  io::MemoryStore inner;
  prepare_first(inner);
  KeptEvents events;
  ASSERT_TRUE(publish_run(inner, first_run().candidate, events).ok());
  auto scene = unchanged_run();
  scene.stage(inner);
  const auto before = inner.list("stage").value().size();
  const auto result = publish_run(inner, scene.candidate, events);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_TRUE(result.value().summary.nothing_new);
  EXPECT_EQ(result.value().summary.tables[0].version, 0);
  EXPECT_FALSE(result.value().tables[0].changed);
  EXPECT_EQ(inner.list("stage").value().size(), before);
  EXPECT_EQ(events.of<base::TableUnchanged>().size(), 2U);
  EXPECT_TRUE(inner.stat("runs/run-3/publish.manifest.json").value().has_value());
}

TEST(PublishTest, ABaseThatMovedAsksForAnotherMerge) {
  io::MemoryStore store;
  prepare_second(store);
  base::NullEventSink events;
  ASSERT_TRUE(publish_run(store, second_run().candidate, events).ok());
  auto scene = second_run();
  scene.candidate.run_id = "run-other";
  scene.candidate.landing_us = 9'000'000;
  scene.stage(store);
  auto before = objects_of(store);
  const auto result = publish_run(store, scene.candidate, events);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kAlreadyExists);
  // Nobody could publish what it staged: that is removed, and nothing else.
  std::erase_if(before,
                [](const auto& object) { return object.first.starts_with("stage/.staged"); });
  EXPECT_EQ(objects_of(store), before);
}

TEST(PublishTest, AnOlderLandingIsRefusedUnlessForced) {
  io::MemoryStore store;
  prepare_second(store);
  base::NullEventSink events;
  for (const std::int64_t landing : {999'999, 1'000'000}) {
    auto scene = second_run();
    scene.candidate.run_id = "run-late";
    scene.candidate.landing_us = landing;
    scene.stage(store);
    const auto result = publish_run(store, scene.candidate, events);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind(), ErrorKind::kAlreadyExists);
    EXPECT_NE(result.error().message().find("run-1"), std::string::npos);
    EXPECT_NE(result.error().message().find("--force"), std::string::npos);
  }
  auto scene = second_run();
  scene.candidate.landing_us = 999'999;
  scene.stage(store);
  EXPECT_TRUE(publish_run(store, scene.candidate, events, true).ok());
}

TEST(PublishTest, AMissingStagedFileIsNamedAndNothingHappens) {
  io::MemoryStore store;
  prepare_second(store);
  base::NullEventSink events;
  const auto lost = second_run().candidate.tables[0].add[0].path;
  ASSERT_TRUE(store.remove("stage/.staged/run-2/orders/" + lost).ok());
  const auto before = objects_of(store);
  const auto result = publish_run(store, second_run().candidate, events);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kPermanent);
  EXPECT_NE(result.error().message().find(lost), std::string::npos);
  auto after = objects_of(store);
  EXPECT_EQ(after, before);
}

TEST(PublishTest, PublishingARunAgainChangesNothing) {
  io::MemoryStore store;
  prepare_second(store);
  base::NullEventSink events;
  ASSERT_TRUE(publish_run(store, second_run().candidate, events).ok());
  const auto before = objects_of(store);
  const auto again = publish_run(store, second_run().candidate, events);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again.value().tables[0].version, 1);
  EXPECT_TRUE(again.value().tables[0].changed);
  EXPECT_EQ(objects_of(store), before);
}

// Publishes with a failure at every call in turn; then another process recovers and publishes.
void fail_everywhere(const std::function<void(io::ObjectStore&)>& prepare,
                     const delta::Candidate& candidate, bool fails_once) {
  base::NullEventSink events;
  io::MemoryStore undisturbed;
  prepare(undisturbed);
  std::map<std::string, std::vector<std::string>> allowed;
  for (const auto* table : {"orders", "lines"}) {
    allowed[table].push_back(seen_by_reader(undisturbed, table));
  }
  ASSERT_TRUE(publish_run(undisturbed, candidate, events).ok());
  for (const auto* table : {"orders", "lines"}) {
    allowed[table].push_back(seen_by_reader(undisturbed, table));
  }
  const auto expected = objects_of(undisturbed);
  int calls = 0;
  for (;; ++calls) {
    SCOPED_TRACE("failure at call " + std::to_string(calls));
    io::MemoryStore store;
    prepare(store);
    FailingStore failing(store, calls, fails_once);
    const auto result = publish_run(failing, candidate, events);
    if (!failing.has_failed()) break;
    for (const auto& [table, states] : allowed) {
      const auto seen = seen_by_reader(store, table);
      EXPECT_TRUE(seen == states[0] || seen == states[1]) << table << ": " << seen;
    }
    const auto recovered = recover(store, events);
    ASSERT_TRUE(recovered.ok()) << recovered.error().message();
    EXPECT_FALSE(store.stat(state::kIntentPath).value());
    const auto again = publish_run(store, candidate, events);
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(objects_of(store), expected);
  }
  EXPECT_GT(calls, 20);
}

TEST(PublishTest, ADeathAtAnyCallIsHealedForNewTables) {
  fail_everywhere(prepare_first, first_run().candidate, false);
}

TEST(PublishTest, ADeathAtAnyCallIsHealedForChangedTables) {
  fail_everywhere(prepare_second, second_run().candidate, false);
}

TEST(PublishTest, OneFailureAtAnyCallIsHealed) {
  fail_everywhere(prepare_first, first_run().candidate, true);
  fail_everywhere(prepare_second, second_run().candidate, true);
}

TEST(PublishTest, ADeathWhileRecoveringIsHealed) {
  base::NullEventSink events;
  io::MemoryStore undisturbed;
  prepare_second(undisturbed);
  ASSERT_TRUE(publish_run(undisturbed, second_run().candidate, events).ok());
  const auto expected = objects_of(undisturbed);
  for (int first = 0;; ++first) {
    bool has_first_failed = false;
    for (int second = 0;; ++second) {
      io::MemoryStore store;
      prepare_second(store);
      FailingStore dies(store, first, false);
      (void)publish_run(dies, second_run().candidate, events).ok();
      has_first_failed = dies.has_failed();
      FailingStore dies_again(store, second, false);
      (void)recover(dies_again, events).ok();
      ASSERT_TRUE(recover(store, events).ok());
      const auto result = publish_run(store, second_run().candidate, events);
      ASSERT_TRUE(result.ok()) << result.error().message();
      ASSERT_EQ(objects_of(store), expected) << first << ", " << second;
      if (!dies_again.has_failed()) break;
    }
    if (!has_first_failed) break;
  }
}

// Another program's commit between the intent and ours.
TEST(PublishTest, AVersionThatAnotherProgramTookIsNotOverwrittenAndMovesAreUndone) {
  base::NullEventSink events;
  const auto scene = second_run();
  for (int calls = 0;; ++calls) {
    io::MemoryStore store;
    prepare_second(store);
    FailingStore failing(store, calls, false);
    (void)publish_run(failing, second_run().candidate, events).ok();
    if (!failing.has_failed()) break;
    delta::Commit foreign;
    foreign.version = 1;
    foreign.run_id = "";
    if (!delta::write_commit(store, "stage/orders", foreign).ok()) continue;
    const bool had_intent = store.stat(state::kIntentPath).value().has_value();
    const auto finished = recover(store, events);
    ASSERT_TRUE(finished.ok()) << finished.error().message();
    EXPECT_EQ(finished.value(), "");
    EXPECT_FALSE(store.stat(state::kIntentPath).value());
    if (had_intent) {
      EXPECT_TRUE(store.list("stage/.staged").value().empty());
    }
    for (const auto& file : scene.candidate.tables[0].add) {
      EXPECT_FALSE(store.stat("stage/orders/" + file.path).value()) << file.path;
    }
    EXPECT_NE(seen_by_reader(store, "orders").find("version 1"), std::string::npos);
    const auto again = publish_run(store, second_run().candidate, events);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().kind(), ErrorKind::kAlreadyExists);
  }
}

// Leaves no folder behind, empty ones included, when the test ends.
class DiskFolder {
 public:
  explicit DiskFolder(const std::string& name) : path_(testing::TempDir() + name) {
    std::filesystem::remove_all(path_);
  }
  ~DiskFolder() { std::filesystem::remove_all(path_); }
  DiskFolder(const DiskFolder&) = delete;
  DiskFolder& operator=(const DiskFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  // Every folder and file below stage/, sorted.
  [[nodiscard]] std::vector<std::string> staged_names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_ + "/stage")) {
      names.push_back(std::filesystem::relative(entry.path(), path_ + "/stage").string());
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  std::string path_;
};

TEST(PublishTest, ADiskHoldsNothingButTheTablesAfterwards) {
  const DiskFolder folder("publish_test_disk");
  auto opened = io::DiskStore::open(folder.path());
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  auto& store = *opened.value();
  base::NullEventSink events;
  prepare_second(store);
  const auto second = second_run();
  const auto result = publish_run(store, second.candidate, events);
  ASSERT_TRUE(result.ok()) << result.error().message();
  const auto first = first_run();
  const auto north = second.candidate.tables[0].add[0].path;
  const auto slash = second.candidate.tables[0].add[1].path;
  const auto lines = second.candidate.tables[1].add[0].path;
  EXPECT_EQ(
      folder.staged_names(),
      (std::vector<std::string>{
          "lines", "lines/_delta_log", "lines/_delta_log/00000000000000000000.json",
          "lines/_delta_log/00000000000000000001.json", "lines/region=south", "lines/" + lines,
          "orders", "orders/_delta_log", "orders/_delta_log/00000000000000000000.json",
          "orders/_delta_log/00000000000000000001.json", "orders/region=a%2Fb", "orders/" + slash,
          "orders/region=north", "orders/" + north, "orders/region=south",
          "orders/" + first.candidate.tables[0].add[1].path}));
}

TEST(PublishTest, ADeathAtEveryNinthCallIsHealedOnADisk) {
  base::NullEventSink events;
  io::MemoryStore undisturbed;
  prepare_second(undisturbed);
  ASSERT_TRUE(publish_run(undisturbed, second_run().candidate, events).ok());
  const auto expected = objects_of(undisturbed);
  for (int calls = 4;; calls += 9) {
    const DiskFolder folder("publish_test_deaths");
    auto store = io::DiskStore::open(folder.path());
    ASSERT_TRUE(store.ok()) << store.error().message();
    prepare_second(*store.value());
    FailingStore failing(*store.value(), calls, false);
    (void)publish_run(failing, second_run().candidate, events).ok();
    if (!failing.has_failed()) break;
    ASSERT_TRUE(recover(*store.value(), events).ok());
    const auto again = publish_run(*store.value(), second_run().candidate, events);
    ASSERT_TRUE(again.ok()) << again.error().message();
    ASSERT_EQ(objects_of(*store.value()), expected) << calls;
  }
}

TEST(PublishTest, ADamagedIntentIsNamedAndLeft) {
  io::MemoryStore store;
  ASSERT_TRUE(store.write(state::kIntentPath, "{").ok());
  base::NullEventSink events;
  const auto result = recover(store, events);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kPermanent);
  EXPECT_NE(result.error().message().find(".intent.json"), std::string::npos);
}

}  // namespace
}  // namespace ashore::publish
