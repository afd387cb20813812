// Small files are read by Arrow as what they were made of, and say of themselves what files of
// Arrow's writer say. Other readers: tests/parquet.
#include "columnar/small_parquet.h"

#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include "columnar/testing/random_table.h"
#include "columnar/testing/tables.h"

namespace ashore::columnar {
namespace {

std::unique_ptr<parquet::ParquetFileReader> opened(const std::string& bytes) {
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  return parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)), properties);
}

std::shared_ptr<arrow::Table> rows_in(const std::string& bytes) {
  const auto reader =
      parquet::arrow::FileReader::Make(arrow::default_memory_pool(), opened(bytes)).ValueOrDie();
  return reader->ReadTable().ValueOrDie();
}

// The same rows by Arrow's writer.
std::string arrows_file(const arrow::Table& rows) {
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  EXPECT_TRUE(parquet::arrow::WriteTable(rows, arrow::default_memory_pool(), sink).ok());
  return sink->Finish().ValueOrDie()->ToString();
}

bool has_bounds(const parquet::ColumnChunkMetaData& chunk) {
  return chunk.statistics() != nullptr && chunk.statistics()->HasMinMax();
}

void compare_columns(const std::string& ours, const std::string& arrows,
                     const base::Schema& schema) {
  const auto our_file = opened(ours)->metadata();
  const auto arrow_file = opened(arrows)->metadata();
  EXPECT_EQ(our_file->num_rows(), arrow_file->num_rows());
  ASSERT_EQ(our_file->num_row_groups(), 1);
  for (int column = 0; column < our_file->num_columns(); ++column) {
    const auto& field = schema.fields[static_cast<std::size_t>(column)];
    const auto& ours_is = *our_file->schema()->Column(column);
    const auto& arrows_is = *arrow_file->schema()->Column(column);
    EXPECT_EQ(ours_is.physical_type(), arrows_is.physical_type());
    EXPECT_EQ(ours_is.converted_type(), arrows_is.converted_type());
    EXPECT_TRUE(ours_is.logical_type()->Equals(*arrows_is.logical_type()))
        << base::type_name(field.type);
    EXPECT_EQ(ours_is.max_definition_level(), arrows_is.max_definition_level());
    const auto our_chunk = our_file->RowGroup(0)->ColumnChunk(column);
    const auto arrow_chunk = arrow_file->RowGroup(0)->ColumnChunk(column);
    EXPECT_EQ(our_chunk->num_values(), arrow_chunk->num_values());
    ASSERT_NE(our_chunk->statistics(), nullptr);
    EXPECT_EQ(our_chunk->statistics()->null_count(), arrow_chunk->statistics()->null_count());
    if (!has_bounds(*our_chunk)) continue;
    ASSERT_TRUE(has_bounds(*arrow_chunk)) << base::type_name(field.type);
    EXPECT_EQ(our_chunk->statistics()->EncodeMin(), arrow_chunk->statistics()->EncodeMin())
        << base::type_name(field.type);
    EXPECT_EQ(our_chunk->statistics()->EncodeMax(), arrow_chunk->statistics()->EncodeMax())
        << base::type_name(field.type);
  }
}

TEST(SmallParquetTest, RandomTablesComeBackWithTheStatisticsOfArrowsWriter) {
  RandomTables random(20'261'129);
  for (int time = 0; time < 2'000; ++time) {
    const auto table = random.next(kSmallRowsMax);
    const auto bytes = encode_small_parquet(*table.rows, table.schema);
    ASSERT_TRUE(rows_in(bytes)->Equals(*table.rows)) << time;
    compare_columns(bytes, arrows_file(*table.rows), table.schema);
    if (HasFailure()) FAIL() << "table " << time << ": " << table.rows->ToString();
  }
}

TEST(SmallParquetTest, ChunksMakeNoDifference) {
  RandomTables random(7);
  for (int time = 0; time < 100; ++time) {
    const auto table = random.next(64);
    const auto whole = table.rows->CombineChunks().ValueOrDie();
    EXPECT_EQ(encode_small_parquet(*table.rows, table.schema),
              encode_small_parquet(*whole, table.schema));
  }
}

TEST(SmallParquetTest, LongTextsAndJsonHaveNoBounds) {
  const base::Schema schema{{field_of("short", "string"), field_of("long", "string"),
                             field_of("raw", "json"), field_of("none", "string")}};
  const std::string long_text(65, 'x');
  const auto rows = table_of(
      schema, {R"(["b", "a"])", "[\"a\", \"" + long_text + "\"]", R"(["1", "2"])", "[null, null]"});
  const auto metadata = opened(encode_small_parquet(*rows, schema))->metadata();
  const auto bounded = [&](int column) {
    return has_bounds(*metadata->RowGroup(0)->ColumnChunk(column));
  };
  EXPECT_TRUE(bounded(0));
  EXPECT_FALSE(bounded(1));
  EXPECT_FALSE(bounded(2));
  EXPECT_FALSE(bounded(3));
}

TEST(SmallParquetTest, EveryByteOfAPageIsChecked) {
  const base::Schema schema{{field_of("id", "int64", false), field_of("text", "string")}};
  const auto rows = table_of(schema, {"[1, 2, 3]", R"(["aaaaaaaaaaaa", null, "b"])"});
  const auto bytes = encode_small_parquet(*rows, schema);
  const auto pages_end = bytes.find("schema");  // the footer's first name
  ASSERT_NE(pages_end, std::string::npos);
  for (std::size_t at = 4; at + 16 < pages_end; ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    try {
      const auto reader =
          parquet::arrow::FileReader::Make(arrow::default_memory_pool(), opened(damaged));
      const auto read = (*reader)->ReadTable();
      // A flip in a page's header may leave the values as they were.
      if (!read.ok()) continue;
      EXPECT_TRUE((*read)->Equals(*rows)) << at;
    } catch (const std::exception&) {
      continue;
    }
  }
}

TEST(SmallParquetTest, ManyEqualTextsAreCompressed) {
  const base::Schema schema{{field_of("text", "string")}};
  arrow::StringBuilder texts;
  for (std::int64_t row = 0; row < kSmallRowsMax; ++row) {
    ASSERT_TRUE(texts.Append("https://example.com/the/same/text").ok());
  }
  const auto rows = arrow::Table::Make(arrow_schema(schema), {*texts.Finish()});
  const auto bytes = encode_small_parquet(*rows, schema);
  EXPECT_LT(bytes.size(), 2'000U);
  EXPECT_TRUE(rows_in(bytes)->Equals(*rows));
}

}  // namespace
}  // namespace ashore::columnar
