// Reads the metadata field by field; what is not ours ends it.
#include "columnar/small_parquet_footer.h"

#include <bit>
#include <cstring>

#include "columnar/compact_thrift.h"
#include "columnar/parquet_numbers.h"
#include "columnar/small_parquet.h"

namespace ashore::columnar {

namespace {

static_assert(std::endian::native == std::endian::little, "the footer's length is");

StoredColumn read_element(ThriftReader* reader) {
  StoredColumn column;
  std::int64_t repetition = -1;
  bool is_leaf = true;
  reader->structure();
  while (const int field = reader->next()) {
    switch (field) {
      case 1:
        column.physical = reader->integer();
        break;
      case 2:
        column.length = reader->integer();
        break;
      case 3:
        repetition = reader->integer();
        break;
      case 4:
        column.name = reader->binary();
        break;
      case 6:
        column.converted = reader->integer();
        break;
      case 7:
        column.scale = reader->integer();
        break;
      case 8:
        column.precision = reader->integer();
        break;
      default:
        is_leaf = is_leaf && field != 5;  // its number of children
        reader->skip();
    }
  }
  column.is_nullable = repetition == 1;
  if (!is_leaf || repetition < 0 || repetition > 1) column.physical = kNoLeaf;
  return column;
}

bool read_schema(ThriftReader* reader, Footer* footer) {
  const auto count = reader->list();
  if (count < 2) return false;
  read_element(reader);  // the root
  for (std::size_t index = 1; index < count && reader->ok(); ++index) {
    footer->columns.push_back(read_element(reader));
  }
  return reader->ok();
}

// A column's metadata. Dictionaries, and pages elsewhere, are not ours.
bool read_chunk(ThriftReader* reader, std::int64_t rows, StoredColumn* column) {
  bool is_ours = true;
  reader->structure();
  while (const int outer = reader->next()) {
    if (outer != 3) {
      is_ours = is_ours && outer == 2;
      reader->skip();
      continue;
    }
    reader->structure();
    while (const int field = reader->next()) {
      switch (field) {
        case 1:
          is_ours = is_ours && reader->integer() == column->physical;
          break;
        case 3:
          is_ours = is_ours && reader->list() == 1 && reader->binary() == column->name;
          break;
        case 4:
          column->codec = reader->integer();
          break;
        case 5:
          is_ours = is_ours && reader->integer() == rows;
          break;
        case 7:
          column->bytes = reader->integer();
          break;
        case 9:
          column->offset = reader->integer();
          break;
        case 11:
          is_ours = false;
          reader->skip();
          break;
        default:
          reader->skip();
      }
    }
  }
  return is_ours && reader->ok();
}

bool read_row_group(ThriftReader* reader, Footer* footer) {
  if (reader->list() != 1) return false;
  reader->structure();
  while (const int field = reader->next()) {
    if (field != 1) {
      reader->skip();
      continue;
    }
    if (reader->list() != footer->columns.size()) return false;
    for (auto& column : footer->columns) {
      if (!read_chunk(reader, footer->rows, &column)) return false;
    }
  }
  return reader->ok();
}

}  // namespace

std::optional<Footer> read_footer(std::string_view file) {
  std::uint32_t length = 0;
  const auto tail = sizeof length + kMagic.size();
  if (file.size() < kMagic.size() + tail) return std::nullopt;
  if (!file.starts_with(kMagic) || !file.ends_with(kMagic)) return std::nullopt;
  std::memcpy(&length, file.data() + file.size() - tail, sizeof length);
  if (length > file.size() - tail - kMagic.size()) return std::nullopt;
  ThriftReader reader(file.substr(file.size() - tail - length, length));
  Footer footer;
  bool is_ours = false;
  while (const int field = reader.next()) {
    bool is_good = true;
    switch (field) {
      case 2:
        is_good = read_schema(&reader, &footer);
        break;
      case 3:
        footer.rows = reader.integer();
        is_good = footer.rows >= 1 && footer.rows <= kSmallRowsMax;
        break;
      case 4:
        is_good = read_row_group(&reader, &footer);
        break;
      case 6:
        is_ours = reader.binary() == kParquetCreatedBy;
        break;
      default:
        reader.skip();
    }
    if (!is_good) return std::nullopt;
  }
  if (!reader.ok() || !is_ours || footer.columns.empty()) return std::nullopt;
  return footer;
}

}  // namespace ashore::columnar
