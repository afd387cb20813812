// Vacuum finds what no version needs and is old enough, and nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "delta/commit.h"
#include "io/memory_store.h"
#include "publish/publish.h"

namespace ashore::publish {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A table of files of these names: the first version has `first`, the second `second` instead.
class VacuumTest : public testing::Test {
 protected:
  static delta::AddFile file(const std::string& path) {
    delta::AddFile file;
    file.path = path;
    file.bytes = 1;
    file.rows = 1;
    file.stats_json = "{\"numRecords\":1}";
    return file;
  }
  void put(const std::string& path) { ASSERT_TRUE(store.write(path, "x").ok()); }
  void commit(std::int64_t version, base::Timestamp time, const std::vector<std::string>& add,
              const std::vector<std::string>& remove) {
    delta::Commit made;
    made.version = version;
    made.time = time;
    if (version == 0) {
      made.metadata = {"id", "orders", {{{"order_id", {}, false}}}, {}, 0, {}};
    }
    for (const auto& path : add) {
      made.add.push_back(file(path));
      put("stage/orders/" + path);
    }
    for (const auto& path : remove) made.remove.push_back(file(path));
    ASSERT_TRUE(delta::write_commit(store, "stage/orders", made).ok());
  }
  std::vector<std::string> found(base::Timestamp before) {
    const auto result = find_vacuumed(store, before);
    EXPECT_TRUE(result.ok()) << result.error().message();
    std::vector<std::string> paths;
    for (const auto& info : result.value()) paths.push_back(info.path);
    return paths;
  }

  static base::Timestamp day(int number) { return base::Timestamp(std::chrono::days(number)); }
  // After whatever the store says when a file was written.
  static base::Timestamp far() { return day(100'000); }
  io::MemoryStore store;
};

TEST_F(VacuumTest, SupersededFilesAreFoundByTheTimeOfTheCommitThatRemovedThem) {
  commit(0, day(1), {"part-1.parquet", "part-2.parquet"}, {});
  commit(1, day(5), {"part-3.parquet"}, {"part-1.parquet"});
  EXPECT_THAT(found(day(5)), IsEmpty());
  EXPECT_THAT(found(day(6)), ElementsAre("stage/orders/part-1.parquet"));
}

TEST_F(VacuumTest, AFileThatCameBackIsNeeded) {
  commit(0, day(1), {"part-1.parquet"}, {});
  commit(1, day(2), {"part-2.parquet"}, {"part-1.parquet"});
  commit(2, day(3), {"part-1.parquet"}, {"part-2.parquet"});
  EXPECT_THAT(found(far()), ElementsAre("stage/orders/part-2.parquet"));
}

TEST_F(VacuumTest, FilesOfNoCommitAndDeadAttemptsAreFoundByTheirAge) {
  commit(0, day(1), {"part-1.parquet"}, {});
  put("stage/orders/region=a/part-9.parquet");
  put("raw/shop/run-1/.attempt-1/page-00001.json");
  EXPECT_THAT(found(base::Timestamp()), IsEmpty());
  EXPECT_THAT(found(far()), ElementsAre("raw/shop/run-1/.attempt-1/page-00001.json",
                                        "stage/orders/region=a/part-9.parquet"));
}

TEST_F(VacuumTest, LandingsBlockedCandidatesWindowsAndOtherProgramsFilesStay) {
  commit(0, day(1), {"part-1.parquet"}, {});
  put("raw/shop/run-1/page-00001.json");
  put("raw/shop/run-1/evidence/attempt-1/page-00001-try-1.body");
  put("stage/.staged/run-1/orders/part-9.parquet");
  put("stage/no_table/part-1.parquet");
  put("stage/orders/_symlink_format_manifest/x");
  put("runs/run-1/window/orders/part-00001.parquet");
  EXPECT_THAT(found(far()), IsEmpty());
}

}  // namespace
}  // namespace ashore::publish
