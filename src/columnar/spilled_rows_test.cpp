// Spilled rows are equal to what was appended, and lie in the file.
#include "columnar/spilled_rows.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/testing/random_table.h"
#include "io/disk_store.h"
#include "io/memory_store.h"
#include "io/numbered_faults.h"

namespace ashore::columnar {
namespace {

// Whatever is spilled there has no name: the folder stays empty.
std::string folder() { return testing::TempDir() + "ashore-spilled"; }

TEST(SpilledRowsTest, RowsOfAnySchemaComeBackAsTheyWere) {
  io::MemoryStore memory;
  const auto disk = io::DiskStore::open(folder()).value();
  RandomTables tables(1129);
  for (int time = 0; time < 300; ++time) {
    const auto table = tables.next(200'000 / (1 + time));
    io::ObjectStore& store = time % 2 == 0 ? static_cast<io::ObjectStore&>(memory) : *disk;
    auto spilled = SpilledRows::open(store, table.rows->schema()).value();
    const auto cut = table.rows->num_rows() / 3;
    ASSERT_TRUE(spilled.append(*table.rows->Slice(0, cut)).ok());
    ASSERT_TRUE(spilled.append(*table.rows->Slice(cut)).ok());
    const auto read = std::move(spilled).finish();
    ASSERT_TRUE(read.ok()) << read.error().message();
    ASSERT_TRUE(read.value()->ValidateFull().ok());
    // Bit by bit: NaN is equal to itself, 0 is not -0.
    ASSERT_TRUE(read.value()->Equals(
        *table.rows, arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false)));
  }
}

TEST(SpilledRowsTest, NoRowsAreATableOfThatSchema) {
  io::MemoryStore store;
  const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
  const auto none = std::move(SpilledRows::open(store, schema).value()).finish();
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none.value()->num_rows(), 0);
  EXPECT_TRUE(none.value()->schema()->Equals(*schema));
}

TEST(SpilledRowsTest, WhatWasSpilledTakesNoMemory) {
  const auto disk = io::DiskStore::open(folder()).value();
  arrow::Int64Builder builder;
  for (std::int64_t row = 0; row < 300'000; ++row) ASSERT_TRUE(builder.Append(row).ok());
  const auto schema = arrow::schema({arrow::field("n", arrow::int64(), false)});
  auto rows = arrow::Table::Make(schema, {builder.Finish().ValueOrDie()});
  const auto before = arrow::default_memory_pool()->bytes_allocated();
  const auto spilled = spill_rows(*disk, *rows).value();
  EXPECT_TRUE(spilled->Equals(*rows));
  EXPECT_EQ(spilled->column(0)->num_chunks(), 5);
  EXPECT_GE(bytes_of(*spilled), 2'400'000);
  EXPECT_LT(arrow::default_memory_pool()->bytes_allocated() - before, 10'000);
}

// Each array on disk is described in memory, so rows of many small batches must not stay as many.
TEST(SpilledRowsTest, ManySmallBatchesAreOneOnDisk) {
  io::MemoryStore store;
  const auto schema = arrow::schema({arrow::field("n", arrow::int64(), false)});
  arrow::ArrayVector chunks;
  std::vector<std::int64_t> order;
  for (std::int64_t chunk = 0; chunk < 500; ++chunk) {
    arrow::Int64Builder builder;
    ASSERT_TRUE(builder.AppendValues({chunk, 7}).ok());
    chunks.push_back(builder.Finish().ValueOrDie());
    order.insert(order.end(), {2 * chunk, 2 * chunk + 1});
  }
  const auto rows = arrow::Table::Make(schema, {std::make_shared<arrow::ChunkedArray>(chunks)});
  for (int time = 0; time < 2; ++time) {
    const auto spilled = spill_rows(store, *rows, order).value();
    EXPECT_EQ(spilled->column(0)->num_chunks(), 1);
    EXPECT_EQ(spilled->num_rows(), 1'000);
    std::swap(order.front(), order.back());  // no longer rows one after another
  }
}

TEST(SpilledRowsTest, AFullDiskIsAnErrorThatSaysWhere) {
  const auto faults = io::NumberedFaults::parse("fail:2:ENOSPC").value();
  const auto disk = io::DiskStore::open(folder(), faults.get()).value();
  RandomTables tables(7);
  const auto table = tables.next(100'000);
  const auto spilled = spill_rows(*disk, *table.rows);
  ASSERT_FALSE(spilled.ok());
  EXPECT_EQ(spilled.error().kind(), base::ErrorKind::kTransient);
  EXPECT_NE(spilled.error().message().find("ashore-spilled"), std::string::npos);
}

}  // namespace
}  // namespace ashore::columnar
