// A large file comes in order and whole, ends with its error, and may be left in the middle.
#include "load/file_feed.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "io/memory_store.h"

namespace ashore::load {
namespace {

class FileFeedTest : public testing::Test {
 protected:
  FileFeedTest() {
    schema.fields = {{"id", {base::TypeKind::kInt64}, false},
                     {"text", {base::TypeKind::kString}, false}};
    arrow::Int64Builder ids;
    arrow::StringBuilder texts;
    std::uint64_t mixed = 1;
    for (std::int64_t row = 0; row < kRows; ++row) {
      EXPECT_TRUE(ids.Append(row).ok());
      std::string text;  // hardly compressible, so that the file is large
      for (int word = 0; word < 6; ++word) {
        mixed = mixed * 6364136223846793005ULL + 1442695040888963407ULL;
        text += std::to_string(mixed);
      }
      EXPECT_TRUE(texts.Append(text).ok());
    }
    const auto rows = arrow::Table::Make(columnar::arrow_schema(schema),
                                         {ids.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
    bytes = columnar::encode_parquet(*rows, schema).value().bytes;
    EXPECT_TRUE(store.write(path, bytes).ok());
    file.path = "all.parquet";
    file.bytes = static_cast<std::int64_t>(bytes.size());
    file.rows = kRows;
  }

  static constexpr std::int64_t kRows = 100'000;
  const std::string path = "stage/orders/all.parquet";
  io::MemoryStore store;
  base::Schema schema;
  std::string bytes;
  delta::AddFile file;
};

TEST_F(FileFeedTest, GivesAllRowsInOrderPieceByPiece) {
  ASSERT_GT(file.bytes, 4 << 20);
  FileFeed feed(store, {path, file, schema}, {"id"});
  std::int64_t next = 0;
  int pieces = 0;
  while (const auto rows = feed.next().value()) {
    ++pieces;
    for (const auto& chunk : rows->column(0)->chunks()) {
      for (std::int64_t row = 0; row < chunk->length(); ++row) {
        ASSERT_EQ(static_cast<const arrow::Int64Array&>(*chunk).Value(row), next++);
      }
    }
  }
  EXPECT_EQ(next, kRows);
  EXPECT_GT(pieces, 5);
  EXPECT_EQ(feed.next().value(), nullptr);
}

TEST_F(FileFeedTest, MayBeLeftInTheMiddle) {
  for (int taken = 0; taken < 4; ++taken) {
    FileFeed feed(store, {path, file, schema}, {});
    for (int piece = 0; piece < taken; ++piece) ASSERT_TRUE(feed.next().ok());
  }
}

TEST_F(FileFeedTest, EndsWithTheErrorOfTheFile) {
  file.rows = kRows + 1;
  FileFeed feed(store, {path, file, schema}, {"id"});
  auto rows = feed.next();
  while (rows.ok() && rows.value() != nullptr) rows = feed.next();
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_FALSE(feed.next().ok());
  const std::string none = "stage/orders/none.parquet";
  FileFeed missing(store, {none, file, schema}, {"id"});
  EXPECT_EQ(missing.next().error().kind(), base::ErrorKind::kNotFound);
}

}  // namespace
}  // namespace ashore::load
