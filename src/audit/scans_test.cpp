// Scans of keys find the same wherever the keys lie.
#include "audit/scans.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <string>

#include "io/memory_store.h"

namespace ashore::audit {
namespace {

std::shared_ptr<arrow::Table> texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return arrow::Table::Make(arrow::schema({arrow::field("k", arrow::utf8())}),
                            {builder.Finish().ValueOrDie()});
}

TEST(KeyScanTest, ScansFindDuplicatesAndWhatIsMissingWhereverKeysLie) {
  io::MemoryStore store;
  for (const std::size_t hashes_max : {1U, 2U, 3U, 1'000U}) {
    KeyScan scan({"k"}, {&store, hashes_max});
    scan.take(*texts({"a", "b", "a", "c"}), 0);
    scan.take(*texts({"b", "a"}), 4);
    KeyScan targets({"k"}, {&store, hashes_max});
    targets.take(*texts({"a", "d"}), 0);
    EXPECT_EQ(scan.missing_in(targets).value().rows, (std::vector<std::int64_t>{1, 3, 4}));
    EXPECT_EQ(targets.missing_in(scan).value().rows, (std::vector<std::int64_t>{1}));
    EXPECT_EQ(scan.duplicates().value().rows, (std::vector<std::int64_t>{2, 4, 5}));
    EXPECT_EQ(targets.duplicates().value().count, 0);
  }
}

}  // namespace
}  // namespace ashore::audit
