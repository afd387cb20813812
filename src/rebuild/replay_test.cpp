// What is told where a published version is not what the landings make.
#include "rebuild/replay.h"

#include <gtest/gtest.h>

#include "delta/testing/tables.h"
#include "run/history.h"

namespace ashore::rebuild {
namespace {

delta::Snapshot snapshot_of(std::vector<delta::AddFile> files) {
  delta::Snapshot snapshot;
  snapshot.schema = delta::orders_schema();
  snapshot.partition_columns = {"p_day"};
  snapshot.files = std::move(files);
  return snapshot;
}

TEST(ReplayTest, EqualSnapshotsHaveNoDifference) {
  const auto file = delta::orders_file("2024-01-01", "a", 1);
  EXPECT_TRUE(compare_snapshots("orders", snapshot_of({file}), snapshot_of({file})).empty());
}

TEST(ReplayTest, FilesOfOneSideAreNamedWithTheirPartition) {
  const auto kept = delta::orders_file("2024-01-01", "a", 1);
  const auto published = delta::orders_file("2024-01-02", "b", 2);
  const auto made = delta::orders_file("2024-01-02", "c", 3);
  const auto differences =
      compare_snapshots("orders", snapshot_of({kept, published}), snapshot_of({kept, made}));
  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].file, published.path);
  EXPECT_EQ(differences[0].partition, "p_day=2024-01-02");
  EXPECT_NE(differences[0].what.find("do not make it (2 rows"), std::string::npos);
  EXPECT_EQ(differences[1].file, made.path);
  EXPECT_NE(differences[1].what.find("not published (3 rows"), std::string::npos);
}

TEST(ReplayTest, AnotherSchemaIsADifferenceOfTheTable) {
  auto rebuilt = snapshot_of({});
  rebuilt.schema.fields.pop_back();
  rebuilt.partition_columns.clear();
  const auto differences = compare_snapshots("orders", snapshot_of({}), rebuilt);
  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].file, "");
}

run::Publication landing(const std::string& run_id) {
  run::Publication publication;
  publication.run_id = run_id;
  return publication;
}

TEST(ReplayTest, LandingsAddUpToSteps) {
  const std::vector<run::Publication> history = {landing("a"), landing("b"), landing("c")};
  EXPECT_EQ(run::steps_after(history, 1), (std::vector<run::Step>{{"a", "a"}, {"b", "b"}}));
  EXPECT_EQ(run::current_steps(history).size(), 3U);
  EXPECT_TRUE(run::current_steps({}).empty());
}

TEST(ReplayTest, ARecordTakesThePlaceOfAllBefore) {
  auto back = landing("back");
  back.is_landing = false;
  back.steps = {{"a", "a"}};
  const std::vector<run::Publication> history = {landing("a"), landing("b"), back, landing("d")};
  EXPECT_EQ(run::current_steps(history), (std::vector<run::Step>{{"a", "a"}, {"d", "d"}}));
  EXPECT_EQ(run::steps_after(history, 2), (std::vector<run::Step>{{"a", "a"}}));
}

}  // namespace
}  // namespace ashore::rebuild
