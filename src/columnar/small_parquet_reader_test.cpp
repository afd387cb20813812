// What the reader of small files gives is what Arrow reads of the same bytes; damaged ones and
// those of other writers it leaves to Arrow.
#include "columnar/small_parquet_reader.h"

#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <optional>
#include <random>

#include "columnar/small_parquet.h"
#include "columnar/testing/random_table.h"
#include "columnar/testing/tables.h"

namespace ashore::columnar {
namespace {

// nullptr: Arrow refuses the bytes.
std::shared_ptr<arrow::Table> read_by_arrow(const std::string& bytes) {
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  try {
    auto file = parquet::ParquetFileReader::Open(
        std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)), properties);
    const auto reader =
        parquet::arrow::FileReader::Make(arrow::default_memory_pool(), std::move(file));
    return reader.ok() ? (*reader)->ReadTable().ValueOr(nullptr) : nullptr;
  } catch (const std::exception&) {
    return nullptr;
  }
}

std::string written_by_arrow(const arrow::Table& rows) {
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  EXPECT_TRUE(parquet::arrow::WriteTable(rows, arrow::default_memory_pool(), sink).ok());
  return sink->Finish().ValueOrDie()->ToString();
}

std::vector<std::string> names_of(const base::Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema.fields) names.push_back(field.name);
  return names;
}

TEST(SmallParquetReaderTest, RandomTablesComeBackInAnyChoiceOfColumns) {
  RandomTables random(20'261'130);
  std::mt19937_64 engine(3);
  for (int time = 0; time < 3'000; ++time) {
    const auto table = random.next(kSmallRowsMax);
    const auto bytes = encode_small_parquet(*table.rows, table.schema);
    const auto all = read_small_parquet(bytes, table.schema, {});
    ASSERT_NE(all, nullptr) << time;
    ASSERT_TRUE(all->ValidateFull().ok()) << time;
    ASSERT_TRUE(all->Equals(*table.rows)) << time;
    auto names = names_of(table.schema);
    std::ranges::shuffle(names, engine);
    names.resize(1 + engine() % names.size());
    const auto some = read_small_parquet(bytes, table.schema, names);
    ASSERT_NE(some, nullptr) << time;
    for (const auto& name : names) {
      ASSERT_TRUE(some->GetColumnByName(name)->Equals(*table.rows->GetColumnByName(name))) << time;
    }
    ASSERT_EQ(some->ColumnNames(), names);
  }
}

TEST(SmallParquetReaderTest, AColumnThatTheFileLacksIsNullWhereItMayBe) {
  const base::Schema written{{field_of("id", "int64", false)}};
  const auto bytes = encode_small_parquet(*table_of(written, {"[1, 2]"}), written);
  base::Schema asked{{field_of("added", "string"), field_of("id", "int64", false)}};
  const auto rows = read_small_parquet(bytes, asked, {});
  ASSERT_NE(rows, nullptr);
  EXPECT_TRUE(rows->Equals(*table_of(asked, {"[null, null]", "[1, 2]"})));
  asked.fields[0].is_nullable = false;
  EXPECT_EQ(read_small_parquet(bytes, asked, {}), nullptr);
}

TEST(SmallParquetReaderTest, OtherTypesAndOtherWritersAreLeftToArrow) {
  const base::Schema schema{{field_of("id", "int64"), field_of("price", "decimal(10,2)")}};
  const auto rows = table_of(schema, {"[1, 2]", R"(["1.00", null])"});
  const auto bytes = encode_small_parquet(*rows, schema);
  ASSERT_NE(read_small_parquet(bytes, schema, {}), nullptr);
  for (const auto* type : {"int32", "timestamp", "float64", "string", "decimal(18,0)"}) {
    const base::Schema other{{field_of("id", type), schema.fields[1]}};
    EXPECT_EQ(read_small_parquet(bytes, other, {}), nullptr) << type;
  }
  for (const auto* type : {"decimal(10,3)", "decimal(11,2)", "int64", "json"}) {
    const base::Schema other{{schema.fields[0], field_of("price", type)}};
    EXPECT_EQ(read_small_parquet(bytes, other, {}), nullptr) << type;
  }
  const base::Schema strict{{field_of("id", "int64", false), schema.fields[1]}};
  EXPECT_EQ(read_small_parquet(bytes, strict, {}), nullptr);
  EXPECT_EQ(read_small_parquet(written_by_arrow(*rows), schema, {}), nullptr);
  EXPECT_EQ(read_small_parquet("", schema, {}), nullptr);
  EXPECT_EQ(read_small_parquet("PAR1PAR1", schema, {}), nullptr);
}

// Not all of a footer is looked at: the rows may be as they were, whatever Arrow makes of the flip.
void compare_with_arrow(const std::string& damaged, const RandomTable& table, std::size_t at) {
  const auto ours = read_small_parquet(damaged, table.schema, {});
  if (ours == nullptr) return;
  ASSERT_TRUE(ours->ValidateFull().ok()) << at;
  if (ours->Equals(*table.rows)) return;
  const auto arrows = read_by_arrow(damaged);
  ASSERT_NE(arrows, nullptr) << at << ours->ToString();
  for (const auto& field : table.schema.fields) {
    const auto column = arrows->GetColumnByName(field.name);
    if (column == nullptr) {
      EXPECT_EQ(ours->GetColumnByName(field.name)->null_count(), ours->num_rows()) << at;
    } else {
      EXPECT_TRUE(ours->GetColumnByName(field.name)->Equals(*column)) << at << " " << field.name;
    }
  }
}

TEST(SmallParquetReaderTest, DamagedFilesGiveWhatArrowReadsOfThemOrNothing) {
  RandomTables random(11);
  for (int time = 0; time < 12; ++time) {
    const auto table = random.next(20);
    const auto bytes = encode_small_parquet(*table.rows, table.schema);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int flip : {1, 0x80, 0x55}) {
        auto damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        compare_with_arrow(damaged, table, at);
      }
      EXPECT_EQ(read_small_parquet(bytes.substr(0, at), table.schema, {}), nullptr) << at;
    }
    if (HasFailure()) FAIL() << "table " << time;
  }
}

}  // namespace
}  // namespace ashore::columnar
