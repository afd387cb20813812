// What is written is read back the same, for every type, and the same rows give the same bytes.
#include "columnar/parquet_file.h"

// rapidcheck/gtest.h needs gtest.h before it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arrow/io/memory.h>
#include <parquet/file_reader.h>
#include <parquet/page_index.h>
#include <parquet/schema.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <thread>

#include "base/digest.h"
#include "columnar/field_id.h"
#include "columnar/small_parquet.h"
#include "columnar/testing/tables.h"
#include "io/memory_store.h"

namespace ashore::columnar {
namespace {

using testing::HasSubstr;

base::Schema every_type() {
  return {{field_of("id", "string", false), field_of("flag", "boolean"), field_of("small", "int32"),
           field_of("large", "int64"), field_of("level", "float64"),
           field_of("price", "decimal(38,9)"), field_of("tax", "decimal(4,2)"),
           field_of("day", "date"), field_of("moment", "timestamp"), field_of("raw", "json")}};
}

std::shared_ptr<arrow::Table> extremes() {
  return table_of(
      every_type(),
      {R"(["", "a", "Größe"])", "[true, null, false]", "[-2147483648, null, 2147483647]",
       "[-9223372036854775808, null, 9223372036854775807]",
       "[-1.7976931348623157e308, null, 5e-324]",
       R"(["-99999999999999999999999999999.999999999", null, "0.000000001"])",
       R"(["-99.99", null, "99.99"])", "[-719162, null, 2932896]",
       "[-62135596800000000, null, 253402300799999999]", R"(["[]", null, "{\"a\": 1.0}"])"});
}

std::shared_ptr<arrow::Table> round_trip(const arrow::Table& table, const base::Schema& schema) {
  io::MemoryStore store;
  const auto encoded = encode_parquet(table, schema);
  EXPECT_TRUE(encoded.ok());
  EXPECT_TRUE(store.write("file.parquet", encoded.value().bytes).ok());
  const auto read = read_parquet(store, "file.parquet", schema, {});
  EXPECT_TRUE(read.ok()) << read.error().message();
  return read.value();
}

TEST(ParquetFileTest, EveryTypeComesBackWithNullsAndExtremes) {
  const auto table = extremes();
  EXPECT_TRUE(round_trip(*table, every_type())->Equals(*table));
}

TEST(ParquetFileTest, AFileWithoutRowsKeepsItsColumns) {
  const auto table = extremes()->Slice(0, 0);
  const auto read = round_trip(*table, every_type());
  EXPECT_EQ(read->num_rows(), 0);
  EXPECT_TRUE(read->schema()->Equals(*arrow_schema(every_type())));
}

TEST(ParquetFileTest, SlicesAndChunksAreWrittenLikeWholeTables) {
  const auto table = extremes();
  const auto chunked = *arrow::ConcatenateTables({table->Slice(0, 1), table->Slice(1)});
  EXPECT_EQ(encode_parquet(*chunked, every_type()).value().bytes,
            encode_parquet(*table, every_type()).value().bytes);
}

TEST(ParquetFileTest, TheSameRowsGiveTheSameBytesOnEveryThread) {
  const auto expected = encode_parquet(*extremes(), every_type()).value().bytes;
  std::vector<std::string> found(8);
  {
    std::vector<std::jthread> threads;
    for (auto& bytes : found) {
      threads.emplace_back(
          [&bytes] { bytes = encode_parquet(*extremes(), every_type()).value().bytes; });
    }
  }
  for (const auto& bytes : found) EXPECT_EQ(bytes, expected);
}

// Three rows, as most files have, and more than a small file may have.
class ParquetFormatTest : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Sizes, ParquetFormatTest, testing::Values(1, 200));

TEST_P(ParquetFormatTest, IsAsDocumented) {
  const std::vector<std::shared_ptr<arrow::Table>> times(static_cast<std::size_t>(GetParam()),
                                                         extremes());
  const auto rows = *arrow::ConcatenateTables(times);
  const bool is_small = rows->num_rows() <= kSmallRowsMax;
  const auto encoded = encode_parquet(*rows, every_type()).value();
  const auto reader = parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(encoded.bytes)));
  const auto metadata = reader->metadata();
  EXPECT_EQ(metadata->version(), parquet::ParquetVersion::PARQUET_2_6);
  EXPECT_EQ(metadata->created_by(), "ashore version 1");
  EXPECT_EQ(metadata->key_value_metadata(), nullptr);
  EXPECT_TRUE(metadata->RowGroup(0)->ColumnChunk(0)->is_stats_set());
  // The page of a small file is its column: the column's statistics say all.
  const auto page_index = reader->GetPageIndexReader();
  const bool has_index = page_index != nullptr && page_index->RowGroup(0) != nullptr &&
                         page_index->RowGroup(0)->GetColumnIndex(0) != nullptr;
  EXPECT_EQ(has_index, !is_small);
  const auto& schema = *metadata->schema();
  EXPECT_EQ(schema.Column(0)->schema_node()->field_id(), field_id("id"));
  EXPECT_TRUE(schema.Column(0)->schema_node()->is_required());
  EXPECT_TRUE(schema.Column(1)->schema_node()->is_optional());
  EXPECT_EQ(schema.Column(8)->physical_type(), parquet::Type::INT64);
  EXPECT_THAT(schema.Column(8)->logical_type()->ToString(),
              HasSubstr("isAdjustedToUTC=true, timeUnit=microseconds"));
  EXPECT_EQ(schema.Column(9)->logical_type()->ToString(), "String");
}

TEST(ParquetFileTest, ColumnsComeInTheOrderAskedAndNewOnesAreNull) {
  io::MemoryStore store;
  const auto encoded = encode_parquet(*extremes(), every_type()).value();
  ASSERT_TRUE(store.write("f", encoded.bytes).ok());
  auto newer = every_type();
  newer.fields.push_back(field_of("note", "string"));
  const auto read = read_parquet(store, "f", newer, {"note", "large", "id"});
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_THAT(read.value()->ColumnNames(), testing::ElementsAre("note", "large", "id"));
  EXPECT_EQ(read.value()->column(0)->null_count(), 3);
  newer.fields.push_back(field_of("needed", "string", false));
  EXPECT_EQ(read_parquet(store, "f", newer, {}).error().kind(), base::ErrorKind::kPermanent);
}

TEST(ParquetFileTest, OtherTypesAndOtherFilesAreNamed) {
  io::MemoryStore store;
  const auto encoded = encode_parquet(*extremes(), every_type()).value();
  ASSERT_TRUE(store.write("f", encoded.bytes).ok());
  auto other = every_type();
  other.fields[2].type = {base::TypeKind::kInt64};
  const auto mismatch = read_parquet(store, "f", other, {});
  ASSERT_FALSE(mismatch.ok());
  EXPECT_EQ(mismatch.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(mismatch.error().message(),
              HasSubstr("column 'small' is int32 in the file and int64 is expected"));
  ASSERT_TRUE(store.write("g", "no Parquet at all").ok());
  EXPECT_EQ(read_parquet(store, "g", every_type(), {}).error().kind(), base::ErrorKind::kPermanent);
  ASSERT_TRUE(store.write("g", encoded.bytes.substr(0, encoded.bytes.size() - 20)).ok());
  EXPECT_EQ(read_parquet(store, "g", every_type(), {}).error().kind(), base::ErrorKind::kPermanent);
  EXPECT_EQ(read_parquet(store, "absent", every_type(), {}).error().kind(),
            base::ErrorKind::kNotFound);
}

TEST(ParquetFileTest, LargeFilesAreReadPieceByPiece) {
  const base::Schema schema{{field_of("id", "int64", false), field_of("text", "string")}};
  arrow::Int64Builder ids;
  arrow::StringBuilder texts;
  for (std::int64_t row = 0; row < 500'000; ++row) {
    ASSERT_TRUE(ids.Append(row).ok());
    ASSERT_TRUE(texts.Append(std::to_string(row * 7'919'777) + "some text of its own").ok());
  }
  const auto table = arrow::Table::Make(arrow_schema(schema), {*ids.Finish(), *texts.Finish()});
  ASSERT_GT(encode_parquet(*table, schema).value().bytes.size(), std::size_t{4} << 20);
  EXPECT_TRUE(round_trip(*table, schema)->Equals(*table));
}

TEST(ParquetFileTest, AWindowOfAnySizeComesBackWithoutStatistics) {
  const auto three = extremes();
  const std::vector<std::shared_ptr<arrow::Table>> copies(600, three);
  const auto many = (*arrow::ConcatenateTables(copies))->CombineChunks().ValueOrDie();
  for (const auto& table : {three->Slice(0, 0), three, many, many->Slice(7, 1'000)}) {
    const auto encoded = encode_window(*table, every_type());
    ASSERT_TRUE(encoded.ok());
    EXPECT_EQ(encoded.value().rows, table->num_rows());
    EXPECT_EQ(encode_window(*table, every_type()).value().bytes, encoded.value().bytes);
    io::MemoryStore store;
    ASSERT_TRUE(store.write("part.parquet", encoded.value().bytes).ok());
    const auto digest = base::to_hex(base::sha256(encoded.value().bytes));
    const auto read = read_parquet(store, "part.parquet", every_type(), {}, digest);
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_TRUE(read.value()->Equals(*table));
  }
}

RC_GTEST_PROP(ParquetFileTest, AnyNumbersAndTextsComeBack,
              (const std::vector<std::pair<std::int64_t, std::string>>& rows)) {
  const base::Schema schema{{field_of("number", "int64"), field_of("text", "string")}};
  arrow::Int64Builder numbers;
  arrow::StringBuilder texts;
  for (const auto& [number, text] : rows) {
    RC_ASSERT((number % 5 == 0 ? numbers.AppendNull() : numbers.Append(number)).ok());
    RC_ASSERT((text.empty() ? texts.AppendNull() : texts.Append(text)).ok());
  }
  const auto table = arrow::Table::Make(arrow_schema(schema), {*numbers.Finish(), *texts.Finish()});
  RC_ASSERT(round_trip(*table, schema)->Equals(*table));
}

TEST(ParquetFileTest, AVisitorGetsTheRowsOfALargeFilePartByPart) {
  io::MemoryStore store;
  base::Schema schema;
  schema.fields = {field_of("id", "int64", false), field_of("text", "string")};
  arrow::Int64Builder ids;
  arrow::StringBuilder texts;
  std::mt19937_64 engine(7);
  constexpr std::int64_t kRows = 200'000;
  for (std::int64_t row = 0; row < kRows; ++row) {
    ASSERT_TRUE(ids.Append(row).ok());
    const auto text = std::to_string(engine()) + std::to_string(engine());  // does not compress
    ASSERT_TRUE((row % 7 == 0 ? texts.AppendNull() : texts.Append(text)).ok());
  }
  const auto table = arrow::Table::Make(arrow_schema(schema),
                                        {ids.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
  const auto encoded = encode_parquet(*table, schema).value();
  ASSERT_GT(encoded.bytes.size(), std::size_t{4} << 20);
  ASSERT_TRUE(store.write("large", encoded.bytes).ok());
  const auto digest = base::to_hex(base::sha256(encoded.bytes));

  std::vector<std::shared_ptr<arrow::Table>> parts;
  std::int64_t rows = 0;
  const std::string path = "large";
  const auto visited = visit_parquet(store, {path, schema, digest}, {},
                                     [&](const auto& part, std::int64_t first_row) -> base::Status {
                                       EXPECT_EQ(first_row, rows);
                                       rows += part->num_rows();
                                       parts.push_back(part);
                                       return {};
                                     });
  ASSERT_TRUE(visited.ok()) << visited.error().message();
  EXPECT_GT(parts.size(), 10U);
  EXPECT_TRUE(arrow::ConcatenateTables(parts).ValueOrDie()->Equals(*table));

  const auto ended = visit_parquet(store, {path, schema, digest}, {"id"}, [](const auto&, auto) {
    return base::Status(base::Error(base::ErrorKind::kInterrupted, "enough"));
  });
  EXPECT_EQ(ended.error().kind(), base::ErrorKind::kInterrupted);
  const auto damaged = visit_parquet(store, {path, schema, std::string(64, '0')}, {},
                                     [](const auto&, auto) { return base::Status(); });
  EXPECT_EQ(damaged.error().kind(), base::ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::columnar
