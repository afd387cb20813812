// Histories of random commits, read at once and read version by version.
#include "delta/table_logs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/digest.h"
#include "delta/commit.h"
#include "io/memory_store.h"
#include "state/run_folder.h"

namespace ashore::delta {
namespace {

const std::string kFolder = state::table_folder("orders");

AddFile file(const std::string& path, std::int64_t rows) {
  AddFile added;
  added.path = path;
  added.bytes = rows * 10;
  added.rows = rows;
  added.stats_json = "{\"numRecords\":" + std::to_string(rows) + "}";
  added.tags = {{"ashore.rows", std::to_string(rows)}};
  return added;
}

// A commit that makes the table, adds some files and removes some that are there.
Commit random_commit(std::int64_t version, std::map<std::string, AddFile>* files) {
  Commit commit;
  commit.version = version;
  commit.time = base::timestamp_of_micros(1'700'000'000'000'000 + version);
  commit.run_id = "run-" + std::to_string(version);
  commit.engine = "ashore/test";
  commit.transaction = Transaction{.app_id = "ashore/shop", .version = version};
  if (version == 0 || *rc::gen::inRange(0, 5) == 0) {
    Commit::Metadata metadata;
    metadata.table_id = "id";
    metadata.table_name = "orders";
    metadata.schema.fields = {{"order_id", {base::TypeKind::kInt64}, false}};
    metadata.configuration = {{"made", std::to_string(version)}};
    commit.metadata = std::move(metadata);
  }
  for (auto each = files->begin(); each != files->end();) {
    if (*rc::gen::inRange(0, 3) > 0) {
      ++each;
      continue;
    }
    commit.remove.push_back(each->second);
    each = files->erase(each);
  }
  const int added = *rc::gen::inRange(0, 4);
  for (int index = 0; index < added; ++index) {
    // No order among the paths of a commit, and none among commits.
    const auto path = std::to_string(*rc::gen::inRange(0, 100'000)) + "-" +
                      std::to_string(version) + "-" + std::to_string(index);
    const auto made = file(path, *rc::gen::inRange(1, 9));
    files->emplace(path, made);
    commit.add.push_back(made);
  }
  return commit;
}

std::string text_of(const Snapshot& snapshot) {
  std::string text = std::to_string(snapshot.version) + " " + snapshot.table_id + " " +
                     snapshot.last_pipeline + " " + std::to_string(snapshot.rows) + " " +
                     std::to_string(snapshot.created_ms);
  for (const auto& field : snapshot.schema.fields) text += " " + field.name;
  for (const auto& [key, value] : snapshot.configuration) text += " " + key + "=" + value;
  for (const auto& [app_id, version] : snapshot.transactions) {
    text += " " + app_id + "@" + std::to_string(version);
  }
  for (const auto& each : snapshot.files) {
    text += "\n" + each.path + " " + std::to_string(each.rows) + " " + std::to_string(each.bytes) +
            " " + each.stats_json + " " + each.rows_digest();
  }
  return text;
}

RC_GTEST_PROP(TableLogs, VersionsReadOneAfterAnotherAreThoseReadAtOnce, ()) {
  io::MemoryStore store;
  TableLogs logs(store, 2);
  std::map<std::string, AddFile> files;
  const int commits = *rc::gen::inRange(1, 9);
  for (std::int64_t version = 0; version < commits; ++version) {
    const auto commit = random_commit(version, &files);
    RC_ASSERT(store.write(log_path(kFolder, version), commit_json(commit)).ok());
    // Some versions are passed over, as where another process publishes.
    if (*rc::gen::inRange(0, 3) == 0) continue;
    const auto known = logs.newest("orders");
    const auto read = read_snapshot(store, kFolder);
    RC_ASSERT(known.ok());
    RC_ASSERT(read.ok());
    RC_ASSERT(text_of(*known.value()) == text_of(*read.value()));
    RC_ASSERT(known.value()->files.size() == files.size());
  }
  const std::int64_t wanted = *rc::gen::inRange(0, commits);
  const auto known = logs.at("orders", wanted);
  const auto read = read_snapshot_at(store, kFolder, wanted);
  RC_ASSERT(known.ok() && read.ok());
  RC_ASSERT(text_of(*known.value()) == text_of(read.value()));
}

// So many that a replay takes the changes in several steps.
TEST(TableLogs, ManyChangesAreThoseOfEveryVersion) {
  io::MemoryStore store;
  TableLogs logs(store);
  std::map<std::string, AddFile> files;
  for (std::int64_t version = 0; version < 40; ++version) {
    Commit commit;
    commit.version = version;
    commit.time = base::timestamp_of_micros(1);
    commit.run_id = "run";
    if (version == 0) {
      commit.metadata = Commit::Metadata{};
      commit.metadata->table_id = "id";
    }
    int kept = 0;
    for (auto each = files.begin(); each != files.end();) {
      if (++kept % 3 > 0) {
        ++each;
        continue;
      }
      commit.remove.push_back(each->second);
      each = files.erase(each);
    }
    for (int index = 0; index < 150; ++index) {
      // Some paths come again, versions after they went.
      const auto made = file(std::to_string((version * 997 + index * 31) % 5'000), version + 1);
      const bool went =
          std::ranges::find(commit.remove, made.path, &AddFile::path) != commit.remove.end();
      if (!went && files.emplace(made.path, made).second) commit.add.push_back(made);
    }
    ASSERT_TRUE(store.write(log_path(kFolder, version), commit_json(commit)).ok());
    const auto known = logs.newest("orders").value();
    const auto read = read_snapshot(store, kFolder).value();
    ASSERT_EQ(text_of(*known), text_of(*read));
    ASSERT_EQ(read->files.size(), files.size());
    for (const auto& each : read->files) ASSERT_EQ(files.at(each.path).rows, each.rows);
  }
}

TEST(TableLogs, KnowsNoVersionOfATableWithoutALog) {
  io::MemoryStore store;
  TableLogs logs(store);
  const auto none = logs.newest("orders");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none.value(), nullptr);
  EXPECT_EQ(logs.entry("orders", -1).value().version, -1);
  EXPECT_EQ(logs.entry("orders", 0).error().kind(), base::ErrorKind::kNotFound);
}

TEST(TableLogs, ReadsAnEntryOnce) {
  io::MemoryStore store;
  std::map<std::string, AddFile> files;
  Commit commit;
  commit.time = base::timestamp_of_micros(1);
  commit.run_id = "20260101T000000Z-aaaaaa";
  commit.metadata = Commit::Metadata{};
  commit.metadata->table_id = "id";
  const auto text = commit_json(commit);
  ASSERT_TRUE(store.write(log_path(kFolder, 0), text).ok());
  TableLogs logs(store);
  const auto first = logs.newest("orders").value();
  EXPECT_EQ(logs.entry("orders", 0).value().sha256, base::to_hex(base::sha256(text)));
  EXPECT_EQ(logs.entry("orders", 0).value().run_id, commit.run_id);
  // What is known is not looked for again.
  ASSERT_TRUE(store.write(log_path(kFolder, 0), "damaged").ok());
  EXPECT_EQ(logs.newest("orders").value(), first);
  EXPECT_EQ(logs.entry("orders", 0).value().run_id, commit.run_id);
}

TEST(TableLogs, NamesTheLineOfALargeEntryThatIsNotRight) {
  Commit commit;
  commit.time = base::timestamp_of_micros(1);
  commit.run_id = "run-1";
  commit.metadata = Commit::Metadata{};
  commit.metadata->table_id = "id";
  for (int index = 0; index < 20'000; ++index) {
    commit.add.push_back(file("day=" + std::to_string(index) + "/part.parquet", 3));
  }
  auto text = commit_json(commit);
  ASSERT_GT(text.size(), std::size_t{2} << 20);
  const auto at = text.find("day=15000/");
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  text.replace(text.rfind('\n', at) + 1, 1, "!");
  io::MemoryStore store;
  ASSERT_TRUE(store.write(log_path(kFolder, 0), text).ok());
  for (const int threads : {1, 2, 8}) {
    TableLogs logs(store, threads);
    const auto read = logs.newest("orders");
    ASSERT_FALSE(read.ok());
    EXPECT_NE(read.error().message().find("line " + std::to_string(line)), std::string::npos)
        << read.error().message();
  }
}

}  // namespace
}  // namespace ashore::delta
