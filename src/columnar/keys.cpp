// Encodes keys so that memcmp is key order, and sorts them by eight telling
// bytes first.
#include "columnar/keys.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "columnar/partition_value.h"

namespace ashore::columnar {

namespace {

// --- encoding
// -------------------------------------------------------------------------------

template <typename Unsigned>
void append_big_endian(Unsigned value, std::string* bytes) {
  char buffer[sizeof value];
  for (std::size_t index = sizeof value; index-- > 0; value = static_cast<Unsigned>(value >> 8)) {
    buffer[index] = static_cast<char>(value & 0xff);
  }
  bytes->append(buffer, sizeof buffer);
}

void append_int32(std::int32_t value, std::string* bytes) {
  append_big_endian(static_cast<std::uint32_t>(value) ^ 0x8000'0000U, bytes);
}

void append_int64(std::int64_t value, std::string* bytes) {
  append_big_endian(static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63), bytes);
}

// Negative numbers in reverse, so that bytes order like values; -0 is 0.
void append_double(double value, std::string* bytes) {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
  const std::uint64_t sign = std::uint64_t{1} << 63;
  append_big_endian((bits & sign) != 0 ? ~bits : bits ^ sign, bytes);
}

void append_decimal(const std::uint8_t* value, std::string* bytes) {
  const arrow::Decimal128 decimal(value);
  append_int64(decimal.high_bits(), bytes);
  append_big_endian(decimal.low_bits(), bytes);
}

// Ends in 00 00; a zero byte inside is 00 FF. So no text is a prefix of
// another, in order.
void append_text(std::string_view text, std::string* bytes) {
  while (!text.empty()) {
    const auto* zero = std::memchr(text.data(), 0, text.size());
    if (zero == nullptr) break;
    const auto length = static_cast<std::size_t>(static_cast<const char*>(zero) - text.data());
    bytes->append(text.substr(0, length));
    bytes->append("\0\xff", 2);
    text.remove_prefix(length + 1);
  }
  bytes->append(text);
  bytes->append("\0\0", 2);
}

void append_value(const arrow::Array& array, std::int64_t row, std::string* bytes) {
  assert(array.IsValid(row));
  switch (array.type_id()) {
    case arrow::Type::STRING:
      return append_text(static_cast<const arrow::StringArray&>(array).GetView(row), bytes);
    case arrow::Type::BOOL:
      return bytes->push_back(static_cast<const arrow::BooleanArray&>(array).Value(row) ? 1 : 0);
    case arrow::Type::INT32:
      return append_int32(static_cast<const arrow::Int32Array&>(array).Value(row), bytes);
    case arrow::Type::INT64:
      return append_int64(static_cast<const arrow::Int64Array&>(array).Value(row), bytes);
    case arrow::Type::DOUBLE:
      return append_double(static_cast<const arrow::DoubleArray&>(array).Value(row), bytes);
    case arrow::Type::DECIMAL128:
      return append_decimal(static_cast<const arrow::Decimal128Array&>(array).GetValue(row), bytes);
    case arrow::Type::DATE32:
      return append_int32(static_cast<const arrow::Date32Array&>(array).Value(row), bytes);
    case arrow::Type::TIMESTAMP:
      return append_int64(static_cast<const arrow::TimestampArray&>(array).Value(row), bytes);
    default:
      assert(false && "no column type of ours");
  }
}

// Where a row number lies in a column of several chunks, for rows that only go
// forward.
struct ChunkPosition {
  const arrow::ChunkedArray* column;
  int chunk = 0;
  std::int64_t row = 0;

  void append_next(std::string* bytes) {
    while (row == column->chunk(chunk)->length()) {
      ++chunk;
      row = 0;
    }
    append_value(*column->chunk(chunk), row++, bytes);
  }
};

std::vector<ChunkPosition> positions_of(const arrow::Table& table,
                                        const std::vector<std::string>& columns) {
  std::vector<ChunkPosition> positions;
  for (const auto& name : columns) {
    const int index = table.schema()->GetFieldIndex(name);
    assert(index >= 0);
    positions.push_back({table.column(index).get()});
  }
  return positions;
}

}  // namespace

KeyColumn KeyColumn::encode(const arrow::Table& table, const std::vector<std::string>& columns) {
  auto positions = positions_of(table, columns);
  KeyColumn keys;
  keys.ends_.reserve(static_cast<std::size_t>(table.num_rows()));
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    for (auto& position : positions) position.append_next(&keys.bytes_);
    keys.ends_.push_back(keys.bytes_.size());
  }
  return keys;
}

KeyColumn KeyColumn::encode_in_partitions(const arrow::Table& table,
                                          const std::optional<std::string>& partition_column,
                                          const std::vector<std::string>& key) {
  if (!partition_column) return encode(table, key);
  auto positions = positions_of(table, key);
  KeyColumn keys;
  keys.ends_.reserve(static_cast<std::size_t>(table.num_rows()));
  for (const auto& chunk : table.GetColumnByName(*partition_column)->chunks()) {
    for (std::int64_t row = 0; row < chunk->length(); ++row) {
      const auto value = partition_text(*chunk, row);
      keys.bytes_.push_back(value ? 1 : 0);
      if (value) append_text(*value, &keys.bytes_);
      for (auto& position : positions) position.append_next(&keys.bytes_);
      keys.ends_.push_back(keys.bytes_.size());
    }
  }
  return keys;
}

std::string_view KeyColumn::at(std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  assert(index < ends_.size());
  const std::uint64_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(bytes_).substr(begin, ends_[index] - begin);
}

namespace {

// Keys that are encoded at once.
constexpr std::int64_t kStepRows = 8'192;

}  // namespace

void visit_keys(const arrow::Table& table, const std::vector<std::string>& columns,
                const std::function<void(std::int64_t row, std::string_view key)>& visit) {
  for (std::int64_t begin = 0; begin < table.num_rows(); begin += kStepRows) {
    const auto keys = KeyColumn::encode(*table.Slice(begin, kStepRows), columns);
    for (std::int64_t row = 0; row < keys.size(); ++row) visit(begin + row, keys.at(row));
  }
}

KeyReader::KeyReader(const arrow::Table& table, const std::vector<std::string>& columns) {
  for (const auto& name : columns) {
    auto& column = columns_.emplace_back();
    std::int64_t rows = 0;
    for (const auto& chunk : table.GetColumnByName(name)->chunks()) {
      column.chunks.push_back(chunk.get());
      column.ends.push_back(rows += chunk->length());
    }
  }
}

void KeyReader::read(std::int64_t row, std::string* key) const {
  key->clear();
  for (const auto& column : columns_) {
    const auto chunk =
        static_cast<std::size_t>(std::ranges::upper_bound(column.ends, row) - column.ends.begin());
    const auto first = chunk == 0 ? 0 : column.ends[chunk - 1];
    append_value(*column.chunks[chunk], row - first, key);
  }
}

// --- order
// ----------------------------------------------------------------------------------

namespace {

// How many bytes all keys share at their beginning: generated ids often begin
// alike, and the bytes that tell them apart come later.
std::size_t shared_prefix(const KeyColumn& keys) {
  const auto first = keys.at(0);
  std::size_t shared = first.size();
  for (std::int64_t row = 1; row < keys.size() && shared > 0; ++row) {
    const auto key = keys.at(row);
    shared = std::min(shared, key.size());
    while (std::memcmp(first.data(), key.data(), shared) != 0) --shared;
  }
  return shared;
}

struct SortEntry {
  std::uint64_t telling;  // eight bytes after the shared prefix, as a number
  std::int64_t row;
};

std::uint64_t telling_bytes(std::string_view key, std::size_t shared) {
  std::uint64_t value = 0;
  for (std::size_t index = shared; index < shared + 8; ++index) {
    value = value << 8 | (index < key.size() ? static_cast<std::uint8_t>(key[index]) : 0U);
  }
  return value;
}

bool is_sorted(const KeyColumn& keys) {
  for (std::int64_t row = 1; row < keys.size(); ++row) {
    if (keys.at(row) < keys.at(row - 1)) return false;
  }
  return true;
}

}  // namespace

std::vector<std::int64_t> KeyColumn::order() const {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(size()));
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = static_cast<std::int64_t>(row);
  if (is_sorted(*this)) return rows;
  const std::size_t shared = shared_prefix(*this);
  std::vector<SortEntry> entries;
  entries.reserve(rows.size());
  for (const auto row : rows) entries.push_back({telling_bytes(at(row), shared), row});
  std::ranges::sort(entries, [this](const SortEntry& left, const SortEntry& right) {
    if (left.telling != right.telling) return left.telling < right.telling;
    const int compared = at(left.row).compare(at(right.row));
    return compared != 0 ? compared < 0 : left.row < right.row;
  });
  for (std::size_t index = 0; index < rows.size(); ++index) rows[index] = entries[index].row;
  return rows;
}

// --- taking rows
// ----------------------------------------------------------------------------

namespace {

using Rows = std::span<const std::int64_t>;

// What cannot fail but for memory: an allocation that fails here ends the
// process.
void must(const arrow::Status& status) {
  if (!status.ok()) arrow::Status(status).Abort("take rows");
}

// Where rows lie in the chunks of a column.
class RowPlaces {
 public:
  RowPlaces(const arrow::ChunkedArray& column, Rows rows) : rows_(rows) {
    for (const auto& chunk : column.chunks()) ends_.push_back(total_ += chunk->length());
    if (ends_.size() <= 1) return;
    chunks_.reserve(rows.size());
    for (const auto row : rows) {
      const auto chunk = std::ranges::upper_bound(ends_, row) - ends_.begin();
      chunks_.push_back(static_cast<std::uint32_t>(chunk));
    }
  }

  [[nodiscard]] bool fits(const arrow::ChunkedArray& column) const {
    if (static_cast<std::size_t>(column.num_chunks()) != ends_.size()) return false;
    std::int64_t total = 0;
    for (std::size_t chunk = 0; chunk < ends_.size(); ++chunk) {
      total += column.chunk(static_cast<int>(chunk))->length();
      if (total != ends_[chunk]) return false;
    }
    return true;
  }

  [[nodiscard]] std::size_t count() const { return rows_.size(); }
  [[nodiscard]] std::size_t chunk(std::size_t index) const {
    return chunks_.empty() ? 0 : chunks_[index];
  }
  [[nodiscard]] std::int64_t row(std::size_t index) const {
    const std::size_t chunk_index = chunk(index);
    return rows_[index] - (chunk_index == 0 ? 0 : ends_[chunk_index - 1]);
  }

 private:
  Rows rows_;
  std::int64_t total_ = 0;
  std::vector<std::int64_t> ends_;     // of the chunks
  std::vector<std::uint32_t> chunks_;  // by row asked for; empty when there is but one
};

template <typename ArrayType, typename BuilderType>
std::shared_ptr<arrow::Array> gather(const arrow::ChunkedArray& column, const RowPlaces& places) {
  std::vector<const ArrayType*> arrays;
  for (const auto& chunk : column.chunks()) {
    arrays.push_back(static_cast<const ArrayType*>(chunk.get()));
  }
  BuilderType builder(column.type(), arrow::default_memory_pool());
  must(builder.Reserve(static_cast<std::int64_t>(places.count())));
  if constexpr (std::is_same_v<ArrayType, arrow::StringArray>) {
    std::int64_t bytes = 0;
    for (std::size_t index = 0; index < places.count(); ++index) {
      bytes += arrays[places.chunk(index)]->value_length(places.row(index));
    }
    must(builder.ReserveData(bytes));
  }
  for (std::size_t index = 0; index < places.count(); ++index) {
    const auto& array = *arrays[places.chunk(index)];
    const auto row = places.row(index);
    if (array.IsNull(row)) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(array.GetView(row));
    }
  }
  std::shared_ptr<arrow::Array> taken;
  must(builder.Finish(&taken));
  return taken;
}

std::shared_ptr<arrow::Array> gather_any(const arrow::ChunkedArray& column,
                                         const RowPlaces& places) {
  switch (column.type()->id()) {
    case arrow::Type::STRING:
      return gather<arrow::StringArray, arrow::StringBuilder>(column, places);
    case arrow::Type::BOOL:
      return gather<arrow::BooleanArray, arrow::BooleanBuilder>(column, places);
    case arrow::Type::INT32:
      return gather<arrow::Int32Array, arrow::Int32Builder>(column, places);
    case arrow::Type::INT64:
      return gather<arrow::Int64Array, arrow::Int64Builder>(column, places);
    case arrow::Type::DOUBLE:
      return gather<arrow::DoubleArray, arrow::DoubleBuilder>(column, places);
    case arrow::Type::DECIMAL128:
      return gather<arrow::Decimal128Array, arrow::Decimal128Builder>(column, places);
    case arrow::Type::DATE32:
      return gather<arrow::Date32Array, arrow::Date32Builder>(column, places);
    case arrow::Type::TIMESTAMP:
      return gather<arrow::TimestampArray, arrow::TimestampBuilder>(column, places);
    default:
      assert(false && "no column type of ours");
      return nullptr;
  }
}

bool is_range(Rows rows) {
  for (std::size_t index = 1; index < rows.size(); ++index) {
    if (rows[index] != rows[index - 1] + 1) return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<arrow::Table> take_rows(const arrow::Table& table, Rows rows) {
  if (is_range(rows)) {
    return table.Slice(rows.empty() ? 0 : rows.front(), static_cast<std::int64_t>(rows.size()));
  }
  if (table.num_columns() == 0) return table.Slice(0, static_cast<std::int64_t>(rows.size()));
  std::vector<std::shared_ptr<arrow::Array>> columns;
  RowPlaces places(*table.column(0), rows);
  for (const auto& column : table.columns()) {
    if (!places.fits(*column)) places = RowPlaces(*column, rows);
    columns.push_back(gather_any(*column, places));
  }
  return arrow::Table::Make(table.schema(), columns, static_cast<std::int64_t>(rows.size()));
}

}  // namespace ashore::columnar
