// for_each_index runs every job once and reports the lowest failure, on any number of threads.
#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace ashore::base {
namespace {

TEST(ParallelTest, EveryIndexRunsOnceOnAnyNumberOfThreads) {
  for (const int threads : {0, 1, 2, 8, 200}) {
    std::vector<std::atomic<int>> runs(100);
    const auto status = for_each_index(runs.size(), threads,
                                       [&](std::size_t index) {
                                         ++runs[index];
                                         return Status();
                                       },
                                       {});
    EXPECT_TRUE(status.ok());
    for (const auto& count : runs) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelTest, NoJobsIsSuccess) {
  EXPECT_TRUE(for_each_index(0, 4, [](std::size_t) { return Status(bug("called")); }, {}).ok());
}

TEST(ParallelTest, TheLowestFailingIndexIsReported) {
  const auto status = for_each_index(
      50, 4,
      [](std::size_t index) {
        return index % 10 == 3 ? Status(transient("job " + std::to_string(index))) : Status();
      },
      {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().what(), "job 3");
}

TEST(ParallelTest, AStopEndsTheWorkAsInterrupted) {
  std::stop_source source;
  const auto status = for_each_index(
      50, 1,
      [&](std::size_t index) {
        if (index == 4) source.request_stop();
        return Status();
      },
      source.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::kInterrupted);
}

}  // namespace
}  // namespace ashore::base
