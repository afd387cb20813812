// Reads the footer, then of each column that is asked for its only page. All bounds are checked;
// what is not as our encoder writes it ends the reading without a word.
#include "columnar/small_parquet_reader.h"

#include <arrow/api.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "columnar/arrow_schema.h"
#include "columnar/compact_thrift.h"
#include "columnar/parquet_numbers.h"
#include "columnar/small_parquet.h"
#include "columnar/small_parquet_footer.h"

namespace ashore::columnar {

namespace {

static_assert(std::endian::native == std::endian::little, "PLAIN values are little-endian");

bool is_of_type(const StoredColumn& column, const base::Field& field) {
  const auto converted = converted_type(field.type.kind);
  const bool is_decimal = field.type.kind == base::TypeKind::kDecimal;
  return column.physical == physical_type(field.type) &&
         column.converted == (converted ? static_cast<std::int64_t>(*converted) : -1) &&
         (field.is_nullable || !column.is_nullable) &&
         (!is_decimal ||
          (column.scale == field.type.scale && column.precision == field.type.precision &&
           column.length == static_cast<std::int64_t>(decimal_length(field.type))));
}

// --- pages -------------------------------------------------------------------------------------

// What stands before a page's body.
struct PageHeader {
  std::size_t length = 0;
  std::int64_t plain_bytes = -1;
  std::int64_t body_bytes = -1;
  std::optional<std::uint32_t> checksum;
};

// Nothing where it is not that of a data page of ours.
std::optional<PageHeader> read_page_header(std::string_view chunk, std::int64_t rows) {
  ThriftReader reader(chunk);
  PageHeader header;
  bool is_ours = true;
  while (const int field = reader.next()) {
    switch (field) {
      case 1:
        is_ours = is_ours && reader.integer() == 0;
        break;
      case 2:
        header.plain_bytes = reader.integer();
        break;
      case 3:
        header.body_bytes = reader.integer();
        break;
      case 4:
        header.checksum = static_cast<std::uint32_t>(reader.integer());
        break;
      case 5:
        reader.structure();
        while (const int inner = reader.next()) {
          const std::int64_t encoding = inner == 2 ? kPlain : kRle;
          const auto expected = inner == 1 ? rows : encoding;
          is_ours = is_ours && inner <= 4 && reader.integer() == expected;
        }
        break;
      default:
        is_ours = false;
        reader.skip();
    }
  }
  header.length = reader.position();
  if (!reader.ok() || !is_ours || !header.checksum || header.plain_bytes < 0) return std::nullopt;
  return header;
}

// A page's body as it was before it was compressed; it lies in the file or in `scratch`.
std::optional<std::string_view> page_body(std::string_view file, const StoredColumn& column,
                                          std::int64_t rows, std::string* scratch) {
  const auto size = static_cast<std::int64_t>(file.size());
  if (column.offset < 0 || column.bytes < 0 || column.offset > size) return std::nullopt;
  if (column.bytes > size - column.offset) return std::nullopt;
  const auto chunk =
      file.substr(static_cast<std::size_t>(column.offset), static_cast<std::size_t>(column.bytes));
  const auto header = read_page_header(chunk, rows);
  if (!header) return std::nullopt;
  const auto body = chunk.substr(header->length);
  const auto body_bytes = std::ssize(body);
  const auto plain_bytes = header->plain_bytes;
  if (body_bytes != header->body_bytes) return std::nullopt;
  if (arrow::internal::crc32(0, body.data(), body.size()) != *header->checksum) return std::nullopt;
  if (column.codec == kUncompressed) {
    return plain_bytes == body_bytes ? std::optional(body) : std::nullopt;
  }
  // Snappy makes at most some twenty times as much of bytes: more is damage, or a trap.
  constexpr std::int64_t kExpansionMax = 64;
  if (column.codec != kSnappy || plain_bytes / kExpansionMax > body_bytes) return std::nullopt;
  static const auto codec = arrow::util::Codec::Create(arrow::Compression::SNAPPY).ValueOrDie();
  scratch->resize(static_cast<std::size_t>(plain_bytes));
  const auto length =
      codec->Decompress(body_bytes, reinterpret_cast<const std::uint8_t*>(body.data()), plain_bytes,
                        reinterpret_cast<std::uint8_t*>(scratch->data()));
  if (!length.ok() || *length != plain_bytes) return std::nullopt;
  return *scratch;
}

// Which rows have a value, and the values' bytes, of a page.
struct Page {
  std::optional<std::string_view> valid;  // a bit per row, as Arrow has them; absent: all have one
  std::int64_t values = 0;
  std::string_view plain;
};

// One run of levels, as our encoder writes them.
bool read_levels(std::string_view levels, std::int64_t rows, Page* page) {
  std::size_t at = 0;
  std::uint64_t header = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (at == levels.size() || shift > 28) return false;
    const auto part = static_cast<std::uint8_t>(levels[at++]);
    header |= static_cast<std::uint64_t>(part & 0x7fU) << shift;
    if (part < 0x80) break;
  }
  const auto run = levels.substr(at);
  if ((header & 1U) == 0) {
    if (header >> 1U != static_cast<std::uint64_t>(rows) || run.size() != 1) return false;
    if (run[0] != '\0' && run[0] != '\1') return false;
    page->values = run[0] == '\1' ? rows : 0;
    static constexpr char kNone[kSmallRowsMax / 8] = {};
    if (page->values == 0) {
      page->valid = std::string_view(kNone, static_cast<std::size_t>((rows + 7) / 8));
    }
    return true;
  }
  const auto bytes = static_cast<std::uint64_t>((rows + 7) / 8);
  if (header >> 1U != bytes || run.size() != bytes) return false;
  page->values = 0;
  for (const char byte : run) page->values += std::popcount(static_cast<std::uint8_t>(byte));
  if (rows % 8 != 0 && (static_cast<std::uint8_t>(run.back()) >> (rows % 8)) != 0) return false;
  page->valid = run;
  return true;
}

std::optional<Page> read_page(std::string_view body, bool is_nullable, std::int64_t rows) {
  Page page;
  page.values = rows;
  page.plain = body;
  if (!is_nullable) return page;
  std::uint32_t length = 0;
  if (body.size() < sizeof length) return std::nullopt;
  std::memcpy(&length, body.data(), sizeof length);
  body.remove_prefix(sizeof length);
  if (length > body.size() || !read_levels(body.substr(0, length), rows, &page)) {
    return std::nullopt;
  }
  page.plain = body.substr(length);
  return page;
}

// --- arrays ------------------------------------------------------------------------------------

// One piece of memory that the columns of a file share: making many small ones takes longer than
// filling them.
class Room {
 public:
  // Precondition: take() is asked for no more in all, each size rounded up to whole words.
  static std::optional<Room> make(std::int64_t bytes) {
    auto made = arrow::AllocateBuffer(bytes);
    if (!made.ok()) return std::nullopt;
    return Room(std::shared_ptr<arrow::Buffer>(std::move(*made)));
  }
  static std::int64_t rounded(std::int64_t bytes) { return (bytes + 7) / 8 * 8; }

  std::shared_ptr<arrow::Buffer> take(std::int64_t bytes) {
    assert(used_ + bytes <= memory_->size());
    auto part = arrow::SliceMutableBuffer(memory_, used_, bytes);
    used_ += rounded(bytes);
    return part;
  }

 private:
  explicit Room(std::shared_ptr<arrow::Buffer> memory) : memory_(std::move(memory)) {}

  std::shared_ptr<arrow::Buffer> memory_;
  std::int64_t used_ = 0;
};

bool is_text(base::ColumnType type) {
  return type.kind == base::TypeKind::kString || type.kind == base::TypeKind::kJson;
}

// Bytes of a value in Arrow's memory; 0: bits or texts.
std::int64_t width_of(base::ColumnType type) {
  switch (physical_type(type)) {
    case kInt32:
      return 4;
    case kInt64:
    case kDouble:
      return 8;
    case kFixed:
      return 16;
    case kBoolean:
    case kByteArray:
      break;
  }
  return 0;
}

// What take() will be asked for.
std::int64_t room_for(const Page& page, base::ColumnType type, std::int64_t rows) {
  std::int64_t bytes = page.valid ? Room::rounded((rows + 7) / 8) : 0;
  if (is_text(type)) {
    return bytes + Room::rounded((rows + 1) * 4) + Room::rounded(std::ssize(page.plain));
  }
  const auto width = width_of(type);
  return bytes + Room::rounded(width == 0 ? (rows + 7) / 8 : rows * width);
}

bool is_valid(const Page& page, std::int64_t row) {
  if (!page.valid) return true;
  const auto byte = static_cast<std::uint8_t>((*page.valid)[static_cast<std::size_t>(row / 8)]);
  return ((byte >> (row % 8)) & 1U) != 0;
}

// Calls put(row, index) with each row and the index of its value among those that are there, -1 for
// none.
template <typename Put>
void for_each_row(const Page& page, std::int64_t rows, const Put& put) {
  std::int64_t index = 0;
  for (std::int64_t row = 0; row < rows; ++row) put(row, is_valid(page, row) ? index++ : -1);
}

template <std::size_t kWidth>
void put_numbers(const Page& page, std::int64_t rows, std::uint8_t* target) {
  if (!page.valid) {
    std::memcpy(target, page.plain.data(), page.plain.size());
    return;
  }
  for_each_row(page, rows, [&](std::int64_t row, std::int64_t index) {
    auto* const place = target + static_cast<std::size_t>(row) * kWidth;
    if (index < 0) {
      std::memset(place, 0, kWidth);
    } else {
      std::memcpy(place, page.plain.data() + static_cast<std::size_t>(index) * kWidth, kWidth);
    }
  });
}

void put_decimals(const Page& page, std::int64_t rows, std::size_t length, std::uint8_t* target) {
  for_each_row(page, rows, [&](std::int64_t row, std::int64_t index) {
    arrow::Decimal128 value;
    if (index >= 0) {
      const auto* const bytes = reinterpret_cast<const std::uint8_t*>(page.plain.data()) +
                                static_cast<std::size_t>(index) * length;
      value = arrow::Decimal128::FromBigEndian(bytes, static_cast<std::int32_t>(length))
                  .ValueOr(arrow::Decimal128());
    }
    value.ToBytes(target + row * 16);
  });
}

void put_booleans(const Page& page, std::int64_t rows, std::uint8_t* target) {
  std::memset(target, 0, static_cast<std::size_t>((rows + 7) / 8));
  for_each_row(page, rows, [&](std::int64_t row, std::int64_t index) {
    if (index < 0) return;
    const auto byte = static_cast<std::uint8_t>(page.plain[static_cast<std::size_t>(index / 8)]);
    const auto bit = static_cast<unsigned>((byte >> (index % 8)) & 1U);
    target[row / 8] = static_cast<std::uint8_t>(target[row / 8] | (bit << (row % 8)));
  });
}

// False: a text's length leads out of the page.
bool put_texts(const Page& page, std::int64_t rows, std::int32_t* offsets, char* target,
               std::int64_t* bytes) {
  auto rest = page.plain;
  bool is_good = true;
  std::int32_t offset = 0;
  for_each_row(page, rows, [&](std::int64_t row, std::int64_t index) {
    offsets[row] = offset;
    std::uint32_t length = 0;
    if (index < 0 || !is_good) return;
    is_good = rest.size() >= sizeof length;
    if (!is_good) return;
    std::memcpy(&length, rest.data(), sizeof length);
    rest.remove_prefix(sizeof length);
    is_good = length <= rest.size();
    if (!is_good) return;
    std::memcpy(target + offset, rest.data(), length);
    rest.remove_prefix(length);
    offset += static_cast<std::int32_t>(length);
  });
  offsets[rows] = offset;
  *bytes = offset;
  return is_good && rest.empty();
}

struct ArrayType {
  base::ColumnType type;
  const std::shared_ptr<arrow::DataType>& arrow_type;
};

// nullptr: the page does not hold its values.
std::shared_ptr<arrow::Array> make_array(const ArrayType& of, const Page& page, std::int64_t rows,
                                         Room* room) {
  const auto type = of.type;
  std::vector<std::shared_ptr<arrow::Buffer>> buffers(1);
  if (page.valid) {
    buffers[0] = room->take(std::ssize(*page.valid));
    std::memcpy(buffers[0]->mutable_data(), page.valid->data(), page.valid->size());
  }
  if (is_text(type)) {
    auto offsets = room->take((rows + 1) * 4);
    auto texts = room->take(std::ssize(page.plain));
    std::int64_t bytes = 0;
    if (!put_texts(page, rows, reinterpret_cast<std::int32_t*>(offsets->mutable_data()),
                   reinterpret_cast<char*>(texts->mutable_data()), &bytes)) {
      return nullptr;
    }
    buffers.push_back(std::move(offsets));
    buffers.push_back(arrow::SliceBuffer(texts, 0, bytes));
  } else {
    const auto width = width_of(type);
    const auto stored =
        physical_type(type) == kFixed ? static_cast<std::int64_t>(decimal_length(type)) : width;
    const auto expected = width == 0 ? (page.values + 7) / 8 : page.values * stored;
    if (std::ssize(page.plain) != expected) return nullptr;
    auto values = room->take(width == 0 ? (rows + 7) / 8 : rows * width);
    auto* const target = values->mutable_data();
    switch (physical_type(type)) {
      case kInt32:
        put_numbers<4>(page, rows, target);
        break;
      case kInt64:
      case kDouble:
        put_numbers<8>(page, rows, target);
        break;
      case kFixed:
        put_decimals(page, rows, static_cast<std::size_t>(stored), target);
        break;
      default:
        put_booleans(page, rows, target);
    }
    buffers.push_back(std::move(values));
  }
  return arrow::MakeArray(arrow::ArrayData::Make(of.arrow_type, rows, std::move(buffers),
                                                 page.valid ? rows - page.values : 0));
}

// A column that is asked for.
struct Wanted {
  const base::Field* field = nullptr;
  const StoredColumn* stored = nullptr;  // nullptr: the file lacks it
  std::string scratch;                   // holds the page where it was compressed
  Page page = {};
};

// The schema of these columns. Files of one table are read one after another: making it takes as
// long as a tenth of a file, so that the last one is kept.
std::shared_ptr<arrow::Schema> schema_of(const std::vector<Wanted>& wanted) {
  struct Made {
    base::Schema of;
    std::shared_ptr<arrow::Schema> schema;
  };
  static thread_local Made last;
  const auto is_equal = [](const Wanted& column, const base::Field& field) {
    return *column.field == field;
  };
  if (last.schema == nullptr || !std::ranges::equal(wanted, last.of.fields, is_equal)) {
    last.of.fields.clear();
    for (const auto& column : wanted) last.of.fields.push_back(*column.field);
    last.schema = arrow_schema(last.of);
  }
  return last.schema;
}

std::optional<std::vector<Wanted>> find_wanted(const Footer& footer, const base::Schema& schema,
                                               const std::vector<std::string>& columns) {
  std::vector<Wanted> wanted;
  wanted.reserve(columns.empty() ? schema.fields.size() : columns.size());
  const auto add = [&](const base::Field& field) {
    const auto stored = std::ranges::find(footer.columns, field.name, &StoredColumn::name);
    const bool is_there = stored != footer.columns.end();
    wanted.push_back({&field, is_there ? &*stored : nullptr, {}});
    return is_there ? is_of_type(*stored, field) : field.is_nullable;
  };
  if (columns.empty()) {
    return std::ranges::all_of(schema.fields, add) ? std::optional(std::move(wanted))
                                                   : std::nullopt;
  }
  for (const auto& name : columns) {
    const auto index = schema.index_of(name);
    assert(index.has_value());
    if (!add(schema.fields[*index])) return std::nullopt;
  }
  return wanted;
}

}  // namespace

std::shared_ptr<arrow::Table> read_small_parquet(std::string_view file, const base::Schema& schema,
                                                 const std::vector<std::string>& columns) {
  const auto footer = read_footer(file);
  if (!footer) return nullptr;
  auto wanted = find_wanted(*footer, schema, columns);
  if (!wanted) return nullptr;
  const auto rows = footer->rows;
  std::int64_t bytes = 0;
  for (auto& column : *wanted) {
    if (column.stored == nullptr) continue;
    const auto body = page_body(file, *column.stored, rows, &column.scratch);
    const auto page = body ? read_page(*body, column.stored->is_nullable, rows) : std::nullopt;
    if (!page) return nullptr;
    column.page = *page;
    bytes += room_for(*page, column.field->type, rows);
  }
  auto room = Room::make(bytes);
  if (!room) return nullptr;
  auto asked = schema_of(*wanted);
  std::vector<std::shared_ptr<arrow::ChunkedArray>> arrays;
  arrays.reserve(wanted->size());
  for (const auto& column : *wanted) {
    const auto& type = asked->field(static_cast<int>(arrays.size()))->type();
    auto array = column.stored == nullptr
                     ? arrow::MakeArrayOfNull(type, rows).ValueOr(nullptr)
                     : make_array({column.field->type, type}, column.page, rows, &*room);
    if (array == nullptr) return nullptr;
    arrays.push_back(std::make_shared<arrow::ChunkedArray>(std::move(array)));
  }
  return arrow::Table::Make(std::move(asked), std::move(arrays), rows);
}

}  // namespace ashore::columnar
