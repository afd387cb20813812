// Writes pages and metadata by hand: values column by column, then the footer that names them.
#include "columnar/small_parquet.h"

#include <arrow/api.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "columnar/compact_thrift.h"
#include "columnar/field_id.h"
#include "columnar/parquet_numbers.h"

namespace ashore::columnar {

namespace {

static_assert(std::endian::native == std::endian::little, "PLAIN values are little-endian");

constexpr std::int32_t kFormatVersion = 2;
// Members of parquet.thrift's LogicalType.
enum LogicalField : std::int32_t {
  kStringType = 1,
  kDecimalType = 5,
  kDateType = 6,
  kTimestampType = 8
};
// Values of texts that are longer are no bounds: they would cost more than the reading they save.
constexpr std::size_t kBoundBytesMax = 64;
// Snappy finds nothing in less.
constexpr std::size_t kCompressBytesMin = 128;

// --- values ------------------------------------------------------------------------------------

// One column of the file before it is framed.
struct Values {
  std::string plain;  // of the values that are there
  std::int64_t nulls = 0;
  // As statistics hold them; absent: no bounds.
  std::optional<std::string> least;
  std::optional<std::string> greatest;
};

std::string_view bytes_of(const auto& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Calls take(array, row) for each value that is there; counts the others.
template <typename ArrayType, typename Take>
void for_each_value(const arrow::ChunkedArray& column, Values* values, Take&& take) {
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const ArrayType&>(*chunk);
    values->nulls += array.null_count();
    for (std::int64_t row = 0; row < array.length(); ++row) {
      if (array.IsValid(row)) take(array, row);
    }
  }
}

template <typename ArrayType>
Values numbers(const arrow::ChunkedArray& column) {
  using Number = typename ArrayType::value_type;
  Values values;
  std::optional<std::pair<Number, Number>> range;
  bool is_ordered = true;
  for_each_value<ArrayType>(column, &values, [&](const ArrayType& array, std::int64_t row) {
    const Number value = array.Value(row);
    values.plain += bytes_of(value);
    is_ordered = is_ordered && value == value;  // NaN has no place among numbers
    if (!range) range.emplace(value, value);
    range->first = std::min(range->first, value);
    range->second = std::max(range->second, value);
  });
  if (!range || !is_ordered) return values;
  if constexpr (std::is_floating_point_v<Number>) {
    // Both zeros are equal, and a reader may order them: the bounds take the outer ones.
    if (range->first == 0) range->first = -0.0;
    if (range->second == 0) range->second = 0.0;
  }
  values.least = bytes_of(range->first);
  values.greatest = bytes_of(range->second);
  return values;
}

Values booleans(const arrow::ChunkedArray& column) {
  Values values;
  std::size_t count = 0;
  bool has_false = false;
  bool has_true = false;
  for_each_value<arrow::BooleanArray>(
      column, &values, [&](const arrow::BooleanArray& array, std::int64_t row) {
        const bool value = array.Value(row);
        if (count % 8 == 0) values.plain += '\0';
        if (value)
          values.plain.back() = static_cast<char>(values.plain.back() | (1 << (count % 8)));
        ++count;
        (value ? has_true : has_false) = true;
      });
  if (count == 0) return values;
  values.least = std::string(1, has_false ? '\0' : '\1');
  values.greatest = std::string(1, has_true ? '\1' : '\0');
  return values;
}

Values texts(const arrow::ChunkedArray& column, bool has_bounds) {
  Values values;
  std::optional<std::pair<std::string_view, std::string_view>> range;
  for_each_value<arrow::StringArray>(column, &values,
                                     [&](const arrow::StringArray& array, std::int64_t row) {
                                       const auto text = array.GetView(row);
                                       const auto length = static_cast<std::uint32_t>(text.size());
                                       values.plain += bytes_of(length);
                                       values.plain += text;
                                       if (!range) range.emplace(text, text);
                                       range->first = std::min(range->first, text);
                                       range->second = std::max(range->second, text);
                                     });
  if (!range || !has_bounds) return values;
  if (std::max(range->first.size(), range->second.size()) > kBoundBytesMax) return values;
  values.least = range->first;
  values.greatest = range->second;
  return values;
}

// Parquet's order of bytes: the most significant first, as few as the precision needs.
std::string big_endian(const arrow::Decimal128& value, std::size_t length) {
  std::array<std::uint8_t, 16> little = value.ToBytes();
  std::string bytes;
  for (std::size_t index = length; index > 0; --index) {
    bytes += static_cast<char>(little[index - 1]);
  }
  return bytes;
}

Values decimals(const arrow::ChunkedArray& column, std::size_t length) {
  Values values;
  std::optional<std::pair<arrow::Decimal128, arrow::Decimal128>> range;
  for_each_value<arrow::Decimal128Array>(
      column, &values, [&](const arrow::Decimal128Array& array, std::int64_t row) {
        const arrow::Decimal128 value(array.GetValue(row));
        values.plain += big_endian(value, length);
        if (!range) range.emplace(value, value);
        range->first = std::min(range->first, value);
        range->second = std::max(range->second, value);
      });
  if (!range) return values;
  values.least = big_endian(range->first, length);
  values.greatest = big_endian(range->second, length);
  return values;
}

Values values_of(const arrow::ChunkedArray& column, base::ColumnType type) {
  switch (type.kind) {
    case base::TypeKind::kBoolean:
      return booleans(column);
    case base::TypeKind::kInt32:
      return numbers<arrow::Int32Array>(column);
    case base::TypeKind::kInt64:
      return numbers<arrow::Int64Array>(column);
    case base::TypeKind::kFloat64:
      return numbers<arrow::DoubleArray>(column);
    case base::TypeKind::kDecimal:
      return decimals(column, decimal_length(type));
    case base::TypeKind::kDate:
      return numbers<arrow::Date32Array>(column);
    case base::TypeKind::kTimestamp:
      return numbers<arrow::TimestampArray>(column);
    case base::TypeKind::kString:
    case base::TypeKind::kJson:
      break;
  }
  // The texts of JSON values have no order that a filter could use.
  return texts(column, type.kind == base::TypeKind::kString);
}

// --- pages -------------------------------------------------------------------------------------

void append_varint(std::uint64_t value, std::string* bytes) {
  while (value >= 0x80) {
    bytes->push_back(static_cast<char>((value & 0x7fU) | 0x80U));
    value >>= 7U;
  }
  bytes->push_back(static_cast<char>(value));
}

// Definition levels of a column without nesting, 1 where there is a value: their length, then one
// run, repeated where all are alike, else eight to a byte.
void append_levels(const arrow::ChunkedArray& column, std::int64_t nulls, std::string* page) {
  const auto rows = static_cast<std::uint64_t>(column.length());
  std::string levels;
  if (nulls == 0 || nulls == column.length()) {
    append_varint(rows << 1U, &levels);
    levels += nulls == 0 ? '\1' : '\0';
  } else {
    append_varint((((rows + 7) / 8) << 1U) | 1U, &levels);
    const auto begin = levels.size();
    levels.resize(begin + static_cast<std::size_t>((rows + 7) / 8));
    std::size_t row = begin * 8;
    for (const auto& chunk : column.chunks()) {
      for (std::int64_t index = 0; index < chunk->length(); ++index, ++row) {
        if (!chunk->IsValid(index)) continue;
        levels[row / 8] = static_cast<char>(levels[row / 8] | (1 << (row % 8)));
      }
    }
  }
  const auto length = static_cast<std::uint32_t>(levels.size());
  *page += bytes_of(length);
  *page += levels;
}

// The codec is made once per file; its state lies in its calls.
class SnappyCodec {
 public:
  SnappyCodec() : codec_(arrow::util::Codec::Create(arrow::Compression::SNAPPY).ValueOrDie()) {}

  // The page compressed, or nothing where that makes it no smaller.
  std::optional<std::string> compressed(const std::string& page) {
    if (page.size() < kCompressBytesMin) return std::nullopt;
    const auto* const data = reinterpret_cast<const std::uint8_t*>(page.data());
    const auto size = static_cast<std::int64_t>(page.size());
    std::string target(static_cast<std::size_t>(codec_->MaxCompressedLen(size, data)), '\0');
    const auto length = codec_->Compress(size, data, static_cast<std::int64_t>(target.size()),
                                         reinterpret_cast<std::uint8_t*>(target.data()));
    if (!length.ok() || *length >= size) return std::nullopt;
    target.resize(static_cast<std::size_t>(*length));
    return target;
  }

 private:
  std::unique_ptr<arrow::util::Codec> codec_;
};

// What the footer says of a column.
struct Chunk {
  std::int64_t offset = 0;              // of its page's header in the file
  std::int64_t uncompressed_bytes = 0;  // with the header
  std::int64_t compressed_bytes = 0;
  Codec codec = kUncompressed;
  Values values;
};

void append_page_header(std::size_t uncompressed, std::string_view body, std::int64_t rows,
                        std::string* file) {
  ThriftWriter header(file);
  header.i32(1, 0);  // DATA_PAGE
  header.i32(2, static_cast<std::int32_t>(uncompressed));
  header.i32(3, static_cast<std::int32_t>(body.size()));
  const auto checksum = arrow::internal::crc32(0, body.data(), body.size());
  header.i32(4, static_cast<std::int32_t>(checksum));
  header.begin(5);
  header.i32(1, static_cast<std::int32_t>(rows));
  header.i32(2, kPlain);
  header.i32(3, kRle);
  header.i32(4, kRle);
  header.end();
  header.end();
}

Chunk append_column(const arrow::ChunkedArray& column, const base::Field& field,
                    SnappyCodec* snappy, std::string* file) {
  Chunk chunk;
  chunk.offset = static_cast<std::int64_t>(file->size());
  chunk.values = values_of(column, field.type);
  assert(field.is_nullable || chunk.values.nulls == 0);
  std::string page;
  if (field.is_nullable) append_levels(column, chunk.values.nulls, &page);
  page += chunk.values.plain;
  const auto compressed = snappy->compressed(page);
  const std::string& body = compressed ? *compressed : page;
  append_page_header(page.size(), body, column.length(), file);
  const auto header_bytes = static_cast<std::int64_t>(file->size()) - chunk.offset;
  *file += body;
  chunk.codec = compressed ? kSnappy : kUncompressed;
  chunk.uncompressed_bytes = header_bytes + static_cast<std::int64_t>(page.size());
  chunk.compressed_bytes = header_bytes + static_cast<std::int64_t>(body.size());
  return chunk;
}

// --- the footer --------------------------------------------------------------------------------

void write_logical_type(base::ColumnType type, ThriftWriter* footer) {
  const auto write_empty = [&](std::int32_t member) {
    footer->begin(10);
    footer->begin(member);
    footer->end();
    footer->end();
  };
  switch (type.kind) {
    case base::TypeKind::kString:
    case base::TypeKind::kJson:
      write_empty(kStringType);
      return;
    case base::TypeKind::kDate:
      write_empty(kDateType);
      return;
    case base::TypeKind::kDecimal:
      footer->begin(10);
      footer->begin(kDecimalType);
      footer->i32(1, type.scale);
      footer->i32(2, type.precision);
      footer->end();
      footer->end();
      return;
    case base::TypeKind::kTimestamp:
      footer->begin(10);
      footer->begin(kTimestampType);
      footer->boolean(1, true);  // adjusted to UTC
      footer->begin(2);
      footer->begin(2);  // microseconds
      footer->end();
      footer->end();
      footer->end();
      footer->end();
      return;
    default:
      return;  // the physical type says it
  }
}

void write_schema(const base::Schema& schema, ThriftWriter* footer) {
  footer->list_of_structs(2, schema.fields.size() + 1);
  footer->element();
  footer->binary(4, "schema");
  footer->i32(5, static_cast<std::int32_t>(schema.fields.size()));
  footer->end();
  for (const auto& field : schema.fields) {
    footer->element();
    footer->i32(1, physical_type(field.type));
    const bool is_decimal = field.type.kind == base::TypeKind::kDecimal;
    if (is_decimal) footer->i32(2, static_cast<std::int32_t>(decimal_length(field.type)));
    footer->i32(3, field.is_nullable ? 1 : 0);
    footer->binary(4, field.name);
    if (const auto converted = converted_type(field.type.kind)) footer->i32(6, *converted);
    if (is_decimal) {
      footer->i32(7, field.type.scale);
      footer->i32(8, field.type.precision);
    }
    footer->i32(9, field_id(field.name));
    write_logical_type(field.type, footer);
    footer->end();
  }
}

void write_statistics(const Values& values, ThriftWriter* footer) {
  footer->begin(12);
  footer->i64(3, values.nulls);
  if (values.least) {
    footer->binary(5, *values.greatest);
    footer->binary(6, *values.least);
  }
  footer->end();
}

void write_chunk(const Chunk& chunk, const base::Field& field, std::int64_t rows,
                 ThriftWriter* footer) {
  footer->element();
  footer->i64(2, 0);  // deprecated: where the metadata stands besides the footer
  footer->begin(3);
  footer->i32(1, physical_type(field.type));
  footer->list_of_i32(2, 2);
  footer->element_i32(kPlain);
  footer->element_i32(kRle);
  footer->list_of_binaries(3, 1);
  footer->element_binary(field.name);
  footer->i32(4, chunk.codec);
  footer->i64(5, rows);
  footer->i64(6, chunk.uncompressed_bytes);
  footer->i64(7, chunk.compressed_bytes);
  footer->i64(9, chunk.offset);
  write_statistics(chunk.values, footer);
  footer->end();
  footer->end();
}

void append_footer(const std::vector<Chunk>& chunks, const base::Schema& schema, std::int64_t rows,
                   std::string* file) {
  std::int64_t uncompressed = 0;
  std::int64_t compressed = 0;
  for (const auto& chunk : chunks) {
    uncompressed += chunk.uncompressed_bytes;
    compressed += chunk.compressed_bytes;
  }
  const auto begin = file->size();
  ThriftWriter footer(file);
  footer.i32(1, kFormatVersion);
  write_schema(schema, &footer);
  footer.i64(3, rows);
  footer.list_of_structs(4, 1);
  footer.element();
  footer.list_of_structs(1, chunks.size());
  for (std::size_t index = 0; index < chunks.size(); ++index) {
    write_chunk(chunks[index], schema.fields[index], rows, &footer);
  }
  footer.i64(2, uncompressed);
  footer.i64(3, rows);
  footer.i64(5, static_cast<std::int64_t>(kMagic.size()));
  footer.i64(6, compressed);
  footer.end();
  footer.binary(6, kParquetCreatedBy);
  // Every column's values have the order of their type: only then are bounds trusted.
  footer.list_of_structs(7, chunks.size());
  for (std::size_t index = 0; index < chunks.size(); ++index) {
    footer.element();
    footer.begin(1);
    footer.end();
    footer.end();
  }
  footer.end();
  const auto length = static_cast<std::uint32_t>(file->size() - begin);
  *file += bytes_of(length);
  *file += kMagic;
}

}  // namespace

std::string encode_small_parquet(const arrow::Table& table, const base::Schema& schema) {
  assert(table.num_rows() >= 1 && table.num_rows() <= kSmallRowsMax);
  assert(static_cast<std::size_t>(table.num_columns()) == schema.fields.size());
  std::string file(kMagic);
  file.reserve(512 + schema.fields.size() * 192);
  SnappyCodec snappy;
  std::vector<Chunk> chunks;
  chunks.reserve(schema.fields.size());
  for (int index = 0; index < table.num_columns(); ++index) {
    const auto& field = schema.fields[static_cast<std::size_t>(index)];
    chunks.push_back(append_column(*table.column(index), field, &snappy, &file));
  }
  append_footer(chunks, schema, table.num_rows(), &file);
  return file;
}

}  // namespace ashore::columnar
