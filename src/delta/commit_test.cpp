// Log files hold one action per line in a fixed order, and a version is taken once.
#include "delta/commit.h"

#include <gtest/gtest.h>

#include "delta/log_actions.h"
#include "delta/testing/tables.h"
#include "io/memory_store.h"

namespace ashore::delta {
namespace {

TEST(CommitTest, TheFirstVersionSaysProtocolAndMetadata) {
  EXPECT_EQ(
      commit_json(orders_commit(0, {orders_file("2022-11-01", "a", 2)})),
      R"({"commitInfo":{"timestamp":1667260800000,"operation":"MERGE","operationParameters":{},)"
      R"("engineInfo":"ashore/0.1.0","ashoreRunId":"run-0"}})"
      "\n"
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
      "\n"
      R"({"metaData":{"id":"11111111-2222-4333-8444-555555555555","name":"orders",)"
      R"("format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",)"
      R"(\"fields\":[{\"name\":\"order_id\",\"type\":\"string\",\"nullable\":false,\"metadata\":{}},)"
      R"({\"name\":\"lines\",\"type\":\"string\",\"nullable\":true,)"
      R"(\"metadata\":{\"ashore.type\":\"json\"}},)"
      R"({\"name\":\"p_day\",\"type\":\"date\",\"nullable\":true,\"metadata\":{}}]}",)"
      R"("partitionColumns":["p_day"],"configuration":{},"createdTime":1667260800000}})"
      "\n"
      R"({"txn":{"appId":"ashore/shop","version":1000,"lastUpdated":1667260800000}})"
      "\n"
      R"({"add":{"path":"p_day=2022-11-01/part-ca978112ca1bbdcafac231b39a23dc4d.parquet",)"
      R"("partitionValues":{"p_day":"2022-11-01"},"size":1,"modificationTime":1667260800000,)"
      R"("dataChange":true,"stats":"{\"numRecords\":2}",)"
      R"("tags":{"ashore.rows":"7975264ee336384831ceb9f0039f75f4be3cf983005769a7aff7a5c1d1820c03"}}})"
      "\n");
}

TEST(CommitTest, LaterVersionsSayWhatTheyRemove) {
  const auto text = commit_json(orders_commit(1, {}, {orders_file(std::nullopt, "b", 1)}));
  EXPECT_EQ(text.find("protocol"), std::string::npos);
  EXPECT_EQ(text.find("metaData"), std::string::npos);
  EXPECT_NE(
      text.find(R"({"remove":{"path":"p_day=__HIVE_DEFAULT_PARTITION__/part-)"
                R"(3e23e8160039594a33894f6564e1b134.parquet","deletionTimestamp":1667260800000,)"
                R"("dataChange":true,"extendedFileMetadata":true,"partitionValues":{"p_day":null},)"
                R"("size":1}})"),
      std::string::npos)
      << text;
}

TEST(CommitTest, ALogFileParsesBackToItsCommit) {
  const auto commit = orders_commit(0, {orders_file("2022-11-01", "a", 2)});
  const auto text = commit_json(commit);
  auto again = parse_commit(text, 0);
  ASSERT_TRUE(again.ok()) << again.error().message();
  auto parsed = std::move(again).value();
  parsed.engine = commit.engine;
  EXPECT_EQ(commit_json(parsed), text);
}

TEST(CommitTest, ATimeThatIsNoneIsRefused) {
  const auto text = commit_json(orders_commit(0, {}));
  const std::string written = std::to_string(1667260800000);
  for (const auto* time : {"17954775477432985", "-1"}) {
    auto other = text;
    other.replace(other.find(written), written.size(), time);
    const auto refused = parse_commit(other, 0);
    ASSERT_FALSE(refused.ok()) << time;
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::kPermanent);
  }
}

TEST(CommitTest, AVersionIsTakenOnce) {
  io::MemoryStore store;
  EXPECT_TRUE(write_commit(store, "stage/orders", orders_commit(0, {})).ok());
  const auto second = write_commit(store, "stage/orders", orders_commit(0, {}));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kAlreadyExists);
}

TEST(CommitTest, OverriddenChecksAreInTheCommitInfo) {
  auto commit = orders_commit(0, {});
  EXPECT_EQ(commit_json(commit).find("ashoreOverrides"), std::string::npos);
  commit.overrides = {{"orders", "range: {n: {max: 1}}", "they \"grew\""}, {"lines", "x", "y"}};
  EXPECT_NE(commit_json(commit).find(
                R"("ashoreOverrides":[{"table":"orders","check":"range: {n: {max: 1}}",)"
                R"("reason":"they \"grew\""},{"table":"lines","check":"x","reason":"y"}])"),
            std::string::npos);
  EXPECT_TRUE(parse_commit(commit_json(commit), 0).ok());
}

TEST(CommitTest, TheAuthorOfALogFileIsReadWithoutItsFiles) {
  const auto text = commit_json(orders_commit(1, {orders_file("2022-11-01", "a", 2)}));
  const auto expect_author = [](const std::string& log, const std::string& run, std::int64_t ms) {
    const auto author = parse_log_author(log);
    ASSERT_TRUE(author.ok()) << author.error().message();
    EXPECT_EQ(author.value().run_id, run);
    EXPECT_EQ(author.value().time_ms, ms);
  };
  expect_author(text, "run-1", parse_log(text).value().time_ms);
  // Others may write commitInfo last, without a line break, or none at all.
  expect_author(R"({"txn":{"appId":"x","version":1}})"
                "\n"
                R"({"commitInfo":{"timestamp":17}})",
                "", 17);
  expect_author(R"({"txn":{"appId":"x","version":1}})", "", 0);
  EXPECT_FALSE(parse_log_author(text.substr(0, text.size() - 3)).ok());
  EXPECT_FALSE(parse_log_author("").ok());
}

}  // namespace
}  // namespace ashore::delta
