// Keys on disk are read in the order of keys in memory, and scans find the same in them.
#include "audit/key_hashes.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "audit/scans.h"
#include "io/memory_store.h"

namespace ashore::audit {
namespace {

std::vector<KeyHash> sorted(KeyHashes* hashes) {
  hashes->sort();
  std::vector<KeyHash> all;
  KeyHashes::Reader reader(*hashes);
  while (const auto* const hash = reader.next()) all.push_back(*hash);
  return all;
}

TEST(KeyHashesTest, KeysOnDiskComeInTheSameOrder) {
  io::MemoryStore store;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 engine(seed);
    KeyHashes in_memory({store, 1'000'000});
    KeyHashes on_disk({store, 1 + engine() % 40});
    const auto rows = static_cast<std::int64_t>(engine() % 200);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto key = std::to_string(engine() % 90);
      ASSERT_TRUE(in_memory.add(key, row).ok() && on_disk.add(key, row).ok());
    }
    const auto expected = sorted(&in_memory);
    ASSERT_EQ(static_cast<std::int64_t>(expected.size()), rows);
    ASSERT_TRUE(std::ranges::is_sorted(expected));
    ASSERT_EQ(sorted(&on_disk), expected) << seed;
  }
}

std::shared_ptr<arrow::Table> texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return arrow::Table::Make(arrow::schema({arrow::field("k", arrow::utf8())}),
                            {builder.Finish().ValueOrDie()});
}

TEST(KeyHashesTest, ScansFindDuplicatesAndWhatIsMissingWhereverKeysLie) {
  io::MemoryStore store;
  for (const std::size_t hashes_max : {1U, 2U, 3U, 1'000U}) {
    KeyScan scan({"k"}, {store, hashes_max});
    scan.take(*texts({"a", "b", "a", "c"}), 0);
    scan.take(*texts({"b", "a"}), 4);
    KeyScan targets({"k"}, {store, hashes_max});
    targets.take(*texts({"a", "d"}), 0);
    EXPECT_EQ(scan.missing_in(targets).value().rows, (std::vector<std::int64_t>{1, 3, 4}));
    EXPECT_EQ(targets.missing_in(scan).value().rows, (std::vector<std::int64_t>{1}));
    EXPECT_EQ(scan.duplicates().value().rows, (std::vector<std::int64_t>{2, 4, 5}));
    EXPECT_EQ(targets.duplicates().value().count, 0);
  }
}

}  // namespace
}  // namespace ashore::audit
