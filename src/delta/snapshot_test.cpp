// Snapshots are what the log says, and logs of a kind that ashore lacks are refused by name.
#include "delta/snapshot.h"

#include <gtest/gtest.h>

#include "delta/testing/tables.h"
#include "io/memory_store.h"

namespace ashore::delta {
namespace {

constexpr auto kFolder = "stage/orders";

void write(io::MemoryStore& store, const Commit& commit) {
  ASSERT_TRUE(write_commit(store, kFolder, commit).ok());
}

std::string message_of(io::MemoryStore& store) {
  const auto result = read_snapshot(store, kFolder);
  if (result.ok()) return "";
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kPermanent);
  return result.error().message();
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SnapshotTest, WhereThereIsNoLogThereIsNoTable) {
  io::MemoryStore store;
  const auto snapshot = read_snapshot(store, kFolder);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(snapshot.value().has_value());
  EXPECT_EQ(read_snapshot_at(store, kFolder, 0).error().kind(), base::ErrorKind::kNotFound);
}

TEST(SnapshotTest, TheNewestVersionHoldsWhatWasAddedAndNotRemoved) {
  io::MemoryStore store;
  const auto first = orders_file("2022-11-01", "a", 2);
  const auto second = orders_file("2022-10-01", "b", 3);
  const auto third = orders_file(std::nullopt, "c", 4);
  write(store, orders_commit(0, {first, second}));
  write(store, orders_commit(1, {third}, {first}));
  const auto result = read_snapshot(store, kFolder);
  ASSERT_TRUE(result.ok()) << result.error().message();
  const auto& snapshot = *result.value();
  EXPECT_EQ(snapshot.version, 1);
  EXPECT_EQ(snapshot.rows, 7);
  EXPECT_EQ(snapshot.schema, orders_schema());
  EXPECT_EQ(snapshot.partition_columns, std::vector<std::string>{"p_day"});
  EXPECT_EQ(snapshot.transactions.at("ashore/shop"), 1001);
  EXPECT_EQ(snapshot.created_ms, 1667260800000);
  ASSERT_EQ(snapshot.files.size(), 2U);
  EXPECT_EQ(snapshot.files[0].path, second.path);
  EXPECT_EQ(snapshot.files[0].rows_digest(), second.rows_digest());
  EXPECT_EQ(snapshot.files[0].stats_json, second.stats_json);
  EXPECT_EQ(snapshot.files[1].partition_values[0].second, std::nullopt);
  EXPECT_EQ(read_snapshot_at(store, kFolder, 0).value().rows, 5);
}

TEST(SnapshotTest, ALogWithAGapIsRefusedWithTheMissingFile) {
  io::MemoryStore store;
  write(store, orders_commit(0, {}));
  write(store, orders_commit(2, {}));
  EXPECT_TRUE(holds(message_of(store), "00000000000000000001.json")) << message_of(store);
  ASSERT_TRUE(store.remove(log_path(kFolder, 0)).ok());
  EXPECT_TRUE(holds(message_of(store), "00000000000000000000.json")) << message_of(store);
}

TEST(SnapshotTest, ACheckpointIsRefusedUnlessAllLogFilesAreThere) {
  io::MemoryStore store;
  const std::string log = std::string(kFolder) + "/_delta_log/";
  ASSERT_TRUE(store.write(log + "00000000000000000000.checkpoint.parquet", "x").ok());
  ASSERT_TRUE(store.write(log + "_last_checkpoint", "{}").ok());
  EXPECT_TRUE(holds(message_of(store), "checkpoint")) << message_of(store);
  write(store, orders_commit(1, {}));
  EXPECT_TRUE(holds(message_of(store), "checkpoint")) << message_of(store);
  write(store, orders_commit(0, {}));
  EXPECT_EQ(message_of(store), "");
}

TEST(SnapshotTest, WhatAshoreDoesNotKnowIsRefusedByNameAndLine) {
  const std::string good = commit_json(orders_commit(0, {}));
  const auto message = [&](const std::string& line) {
    io::MemoryStore store;
    EXPECT_TRUE(store.write(log_path(kFolder, 0), good + line + "\n").ok());
    const auto text = message_of(store);
    EXPECT_TRUE(holds(text, "line 5")) << text;
    EXPECT_TRUE(holds(text, "00000000000000000000.json")) << text;
    return text;
  };
  EXPECT_TRUE(holds(message(R"({"domainMetadata":{}})"), "'domainMetadata'"));
  EXPECT_TRUE(holds(message("{"), "not JSON"));
  EXPECT_TRUE(holds(message("[]"), "not an object"));
  EXPECT_TRUE(holds(
      message(R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
              R"("readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}})"),
      "'deletionVectors'"));
  EXPECT_TRUE(holds(message(R"({"protocol":{"minReaderVersion":2,"minWriterVersion":5}})"),
                    "reader version 2, writer version 5"));
  EXPECT_TRUE(holds(message(R"({"add":{"path":"x","deletionVector":{"storageType":"u"}}})"),
                    "'deletionVectors'"));
  EXPECT_TRUE(holds(message(R"({"add":{"path":"s3://other/x"}})"), "s3://other/x"));
  EXPECT_TRUE(holds(message(R"({"add":{"path":"x","size":1,"modificationTime":1}})"), "'stats'"));
}

TEST(SnapshotTest, FeaturesThatWriterVersion2HasAreAccepted) {
  io::MemoryStore store;
  ASSERT_TRUE(store
                  .write(log_path(kFolder, 0),
                         commit_json(orders_commit(0, {})) +
                             R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                             R"("readerFeatures":[],"writerFeatures":["appendOnly","invariants"]}})"
                             "\n")
                  .ok());
  EXPECT_EQ(message_of(store), "");
}

TEST(SnapshotTest, ALogWithoutItsHeadIsRefused) {
  io::MemoryStore store;
  ASSERT_TRUE(store.write(log_path(kFolder, 0), "{\"commitInfo\":{}}\n").ok());
  EXPECT_TRUE(holds(message_of(store), "protocol"));
}

}  // namespace
}  // namespace ashore::delta
