// An earlier verdict stands for the very same versions and pipeline file, and for nothing else.
#include "audit/earlier_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/testing/pipeline_of.h"
#include "delta/basis.h"
#include "delta/commit.h"
#include "io/memory_store.h"
#include "state/run_folder.h"

namespace ashore::audit {
namespace {

using testing::SizeIs;

constexpr std::string_view kShop = R"yaml(
version: 1
name: shop
source: {name: shop, url: "http://127.0.0.1:1"}
extract:
  request: {method: GET, path: /orders}
  pages: {by: none}
  items: {at: /orders, id: /id}
tables:
  orders:
    from: items
    key: [id]
    columns:
      id: {path: /id, type: int64, required: true}
      day: {path: /day, type: date}
    checks:
      - {not_null: [id]}
      - CHECK
  lines:
    from: orders
    each: /lines
    key: [id, number]
    columns:
      id: {parent: id}
      number: {position: true}
destinations: [{duckdb: warehouse.duckdb}]
)yaml";

config::Pipeline shop(const std::string& check = "{unique: [id]}") {
  std::string text(kShop);
  text.replace(text.find("CHECK"), 5, check);
  return config::pipeline_of(text);
}

class EarlierVerdictTest : public testing::Test {
 protected:
  EarlierVerdictTest() {
    // run-1 makes both tables, run-2 changes the orders, run-3 the lines.
    judge("run-1", {-1, -1}, {true, true});
    commit("orders", 0, "run-1");
    commit("lines", 0, "run-1");
    judge("run-2", {0, 0}, {true, false});
    commit("orders", 1, "run-2");
    judge("run-3", {1, 0}, {false, true});
    commit("lines", 1, "run-3");
  }

  static constexpr const char* kId = "11111111-2222-4333-8444-555555555555";

  delta::Candidate candidate(const std::string& run_id, std::pair<int, int> versions,
                             std::pair<bool, bool> changes = {false, false}) {
    delta::Candidate made;
    made.run_id = run_id;
    for (const auto& [name, version, is_changed] :
         {std::tuple("orders", versions.first, changes.first),
          std::tuple("lines", versions.second, changes.second)}) {
      auto& table = made.tables.emplace_back();
      table.table = name;
      table.table_id = kId;
      table.base_version = version;
      if (is_changed) table.add.emplace_back();
    }
    return made;
  }

  void judge(const std::string& run_id, std::pair<int, int> versions,
             std::pair<bool, bool> changes) {
    const auto made = candidate(run_id, versions, changes);
    ASSERT_TRUE(delta::write_basis(store, pipeline.sha256, made, bases_of(made)).ok());
    state::Summary summary;
    summary.stage = "audit";
    summary.checks = {{"orders", "not_null: [id]", "fail", true, "of " + run_id, "no null"}};
    ASSERT_TRUE(state::write_summary(store, run_id, summary).ok());
  }

  void commit(const std::string& table, std::int64_t version, const std::string& run_id) {
    delta::Commit made;
    made.version = version;
    made.time = base::timestamp_of_micros(version);
    made.run_id = run_id;
    made.metadata = delta::Commit::Metadata{.table_id = kId,
                                            .table_name = table,
                                            .schema = pipeline.table(table)->schema(),
                                            .partition_columns = {},
                                            .created_ms = 0,
                                            .configuration = {}};
    ASSERT_TRUE(delta::write_commit(store, state::table_folder(table), made).ok());
  }

  std::vector<delta::VersionEntry> bases_of(const delta::Candidate& made) {
    delta::TableLogs logs(store);
    auto bases = delta::read_base_entries(logs, made);
    EXPECT_TRUE(bases.ok());
    return std::move(bases).value();
  }

  std::optional<std::vector<state::CheckResult>> earlier(const delta::Candidate& made,
                                                         const config::Pipeline& by) {
    return earlier_checks(store, by, made, bases_of(made));
  }

  // Which run's results an unchanged run takes; "" for none.
  std::string taken(std::pair<int, int> versions, const config::Pipeline& by) {
    const auto checks = earlier(candidate("run-9", versions), by);
    return checks ? checks->front().observed.substr(3) : "";
  }
  std::string taken() { return taken({1, 1}, pipeline); }

  io::MemoryStore store;
  config::Pipeline pipeline = shop();
};

TEST_F(EarlierVerdictTest, IsThatOfTheRunThatJudgedTheVersionsThatAreThere) {
  EXPECT_EQ(taken(), "run-3");
  EXPECT_EQ(taken({1, 0}, pipeline), "run-2");
  EXPECT_EQ(taken({0, 0}, pipeline), "run-1");
  EXPECT_EQ(taken({0, 1}, pipeline), "");  // nobody judged these together
}

TEST_F(EarlierVerdictTest, ARunThatChangesATableIsJudged) {
  EXPECT_FALSE(earlier(candidate("run-9", {1, 1}, {false, true}), pipeline));
}

TEST_F(EarlierVerdictTest, AnotherPipelineFileIsJudged) {
  EXPECT_EQ(taken({1, 1}, shop("{row_count: {min: 1}}")), "");
}

TEST_F(EarlierVerdictTest, AnotherTableOfTheNameIsJudged) {
  auto other = candidate("run-9", {1, 1});
  other.tables.back().table_id = "22222222-2222-4333-8444-555555555555";
  EXPECT_FALSE(earlier(other, pipeline));
}

TEST_F(EarlierVerdictTest, ARestoredLogIsJudged) {
  const auto path = delta::log_path("stage/orders", 1);
  auto entry = store.read(path).value();
  entry.replace(entry.find("run-2"), 5, "run-7");
  ASSERT_TRUE(store.write(path, entry).ok());
  EXPECT_EQ(taken(), "");
  // An audit of a version that is gone fails; it is not known by anything earlier.
  ASSERT_TRUE(store.remove(path).ok());
  delta::TableLogs logs(store);
  const auto bases = delta::read_base_entries(logs, candidate("run-9", {1, 1}));
  ASSERT_FALSE(bases.ok());
  EXPECT_EQ(bases.error().kind(), base::ErrorKind::kNotFound);
}

TEST_F(EarlierVerdictTest, AVerdictWithAFailedCheckIsNotTaken) {
  state::Summary summary;
  summary.stage = "audit";
  summary.checks = {{"orders", "not_null: [id]", "warn", false, "of run-3", "no null"}};
  ASSERT_TRUE(state::write_summary(store, "run-3", summary).ok());
  EXPECT_EQ(taken(), "run-3");  // it warned
  summary.checks.front().severity = "fail";
  ASSERT_TRUE(state::write_summary(store, "run-3", summary).ok());
  EXPECT_EQ(taken(), "");
}

TEST_F(EarlierVerdictTest, WhatCannotBeReadIsAsIfItWereNotThere) {
  const auto path = state::run_file("run-3", "basis.json");
  const auto whole = store.read(path).value();
  for (std::size_t length = 0; length < whole.size() - 2; length += 7) {
    ASSERT_TRUE(store.write(path, whole.substr(0, length)).ok());
    EXPECT_EQ(taken(), "") << length;
  }
  for (const auto* text :
       {"[]", "null", "{\"format\": \"ashore.basis/1\", \"run_id\": \"run-3\"}"}) {
    ASSERT_TRUE(store.write(path, text).ok());
    EXPECT_EQ(taken(), "") << text;
  }
  ASSERT_TRUE(store.write(path, whole).ok());
  EXPECT_EQ(taken(), "run-3");
}

TEST_F(EarlierVerdictTest, WhatVariesForTheSameRowsIsJudgedAnew) {
  const auto anew = [](const std::string& check) {
    return must_be_judged_anew(shop(check).tables.front().checks.back());
  };
  EXPECT_FALSE(anew("{unique: [id]}"));
  EXPECT_FALSE(anew("{row_count: {min: 1}}"));
  EXPECT_TRUE(anew("{row_count_change: {decrease_max: 20%}}"));
  EXPECT_TRUE(anew("{freshness: {day: 3d}}"));
  EXPECT_TRUE(anew("{deleted: {max_rows: 3}}"));
  const auto query = [&](const std::string& sql) {
    return anew("{name: q, sql: \"SELECT id FROM orders " + sql + "\"}");
  };
  EXPECT_FALSE(query("WHERE id < 0"));
  EXPECT_FALSE(query("WHERE nowhere = 1"));
  EXPECT_TRUE(query("WHERE day > NOW()"));
  EXPECT_TRUE(query("WHERE day > current_date"));
  EXPECT_TRUE(query("WHERE Random() < 0.5"));
  EXPECT_TRUE(query("USING SAMPLE 3"));
  EXPECT_TRUE(query("ORDER BY uuidv7()"));
}

}  // namespace
}  // namespace ashore::audit
