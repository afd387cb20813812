// Candidates come back as they were written and list the files of the table as it would be.
#include "delta/candidate.h"

#include <gtest/gtest.h>

#include "delta/testing/tables.h"
#include "io/memory_store.h"

namespace ashore::delta {
namespace {

Candidate sample() {
  Candidate candidate{.run_id = "r:1", .landing_us = 1667260800000001, .tables = {}};
  auto& table = candidate.tables.emplace_back();
  table.table = "orders";
  table.table_id = "id";
  table.base_version = 0;
  table.schema = orders_schema();
  table.partition_columns = {"p_day"};
  table.changes_schema = true;
  table.add = {orders_file("2022-11-01", "b", 3), orders_file(std::nullopt, "c", 1)};
  table.remove = {orders_file("2022-11-01", "a", 2)};
  table.counts.table = "orders";
  table.counts.rows_in = 4;
  table.counts.unreadable_keys = 1;
  candidate.tables.emplace_back().table = "lines";
  candidate.tables.back().counts.table = "lines";
  return candidate;
}

TEST(CandidateTest, WhatWasWrittenIsReadBack) {
  const auto text = candidate_json(sample());
  const auto again = parse_candidate(text);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(candidate_json(again.value()), text);
  const auto& table = again.value().tables[0];
  EXPECT_EQ(table.schema, orders_schema());
  EXPECT_EQ(table.add[1].partition_values[0].second, std::nullopt);
  EXPECT_EQ(table.counts.unreadable_keys, 1);
  EXPECT_TRUE(again.value().tables[1].is_unchanged());
}

TEST(CandidateTest, CandidatesOfTheFirstReleaseAreRead) {
  auto written = sample();
  written.tables[0].counts.missing = 3;
  written.tables[0].counts.deleted = 2;
  auto text = candidate_json(written);
  const auto replace = [&](std::string_view now, std::string_view earlier) {
    for (auto at = text.find(now); at != std::string::npos; at = text.find(now, at)) {
      text.replace(at, now.size(), earlier);
    }
  };
  replace("ashore.candidate/2", "ashore.candidate/1");
  replace("\"missing\"", "\"vanished\"");
  replace("\"deleted\"", "\"withdrawn\"");
  const auto read = parse_candidate(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(candidate_json(read.value()), candidate_json(written));
}

TEST(CandidateTest, WhatIsNoCandidateIsRefused) {
  EXPECT_EQ(parse_candidate("{}").error().kind(), base::ErrorKind::kPermanent);
  EXPECT_EQ(parse_candidate("").error().kind(), base::ErrorKind::kPermanent);
}

TEST(CandidateTest, FilesOfTheBaseThatStayComeBeforeStagedOnes) {
  io::MemoryStore store;
  const auto stays = orders_file("2022-01-01", "z", 9);
  ASSERT_TRUE(write_commit(store, "stage/orders",
                           orders_commit(0, {stays, orders_file("2022-11-01", "a", 2)}))
                  .ok());
  const auto candidate = sample();
  TableLogs logs(store);
  const auto files = candidate_files(store, logs, "r:1", candidate.tables[0]);
  ASSERT_TRUE(files.ok()) << files.error().message();
  ASSERT_EQ(files.value().files.size(), 3U);
  EXPECT_EQ(files.value().files[0].path, "stage/orders/" + stays.path);
  EXPECT_EQ(files.value().files[0].file->path, stays.path);
  EXPECT_EQ(files.value().files[1].path,
            "stage/.staged/r%3A1/orders/" + candidate.tables[0].add[0].path);
}

}  // namespace
}  // namespace ashore::delta
