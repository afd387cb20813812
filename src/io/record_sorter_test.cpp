// Records on disk are read in the order of records in memory.
#include "io/record_sorter.h"

#include <gtest/gtest.h>

#include <random>

#include "io/memory_store.h"

namespace ashore::io {
namespace {

struct Pair {
  int key = 0;
  int value = 0;
  auto operator<=>(const Pair&) const = default;
};

std::vector<Pair> sorted(RecordSorter<Pair>* sorter) {
  sorter->sort();
  std::vector<Pair> all;
  RecordSorter<Pair>::Reader reader(*sorter);
  while (const auto* const pair = reader.next()) all.push_back(*pair);
  return all;
}

TEST(RecordSorterTest, RecordsOnDiskComeInTheSameOrder) {
  MemoryStore store;
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 engine(seed);
    RecordSorter<Pair> on_disk({&store, 1 + engine() % 40});
    std::vector<Pair> expected;
    for (auto count = engine() % 200; count-- > 0;) {
      expected.push_back({static_cast<int>(engine() % 20), static_cast<int>(engine() % 9)});
      ASSERT_TRUE(on_disk.add(expected.back()).ok());
    }
    std::size_t seen = 0;
    on_disk.for_each([&](const Pair&) { ++seen; });
    ASSERT_EQ(seen, expected.size());
    std::ranges::sort(expected);
    ASSERT_EQ(sorted(&on_disk), expected) << seed;
  }
}

}  // namespace
}  // namespace ashore::io
