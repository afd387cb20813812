// Encodes rows column by column.
// Encodes rows column by column: what repeats (name and type) is made once a
// table.
#include "columnar/canonical_rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <type_traits>

#include "columnar/row_sum.h"

namespace ashore::columnar {

namespace {

constexpr char kPresent = 0;
constexpr char kNull = 1;
// Rows are digested in pieces of this size, so that a large table needs no
// second copy of itself.
constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

template <typename Integer>
void append_little_endian(Integer value, std::string* bytes) {
  static_assert(std::endian::native == std::endian::little, "written for x86-64");
  char buffer[sizeof value];
  std::memcpy(buffer, &value, sizeof value);
  bytes->append(buffer, sizeof value);
}

void append_text(std::string_view text, std::string* bytes) {
  append_little_endian(static_cast<std::uint32_t>(text.size()), bytes);
  bytes->append(text);
}

// Walks one column from the first row to the last and appends one value a call.
class ColumnCursor {
 public:
  ColumnCursor(const arrow::ChunkedArray& column, const base::Field& field)
      : column_(&column), kind_(field.type.kind) {
    append_text(field.name, &name_and_type_);
    append_text(base::type_name(field.type), &name_and_type_);
  }

  void append_next(std::string* bytes) {
    while (row_ == column_->chunk(chunk_)->length()) {
      ++chunk_;
      row_ = 0;
    }
    const auto& array = *column_->chunk(chunk_);
    bytes->append(name_and_type_);
    bytes->push_back(array.IsNull(row_) ? kNull : kPresent);
    if (array.IsValid(row_)) append_value(array, bytes);
    ++row_;
  }

 private:
  template <typename ArrayType>
  const ArrayType& as(const arrow::Array& array) const {
    assert(array.type_id() == ArrayType::TypeClass::type_id);
    return static_cast<const ArrayType&>(array);
  }

  void append_value(const arrow::Array& array, std::string* bytes) const {
    switch (kind_) {
      case base::TypeKind::kString:
      case base::TypeKind::kJson:
        return append_text(as<arrow::StringArray>(array).GetView(row_), bytes);
      case base::TypeKind::kBoolean:
        return bytes->push_back(as<arrow::BooleanArray>(array).Value(row_) ? 1 : 0);
      case base::TypeKind::kInt32:
        return append_little_endian(as<arrow::Int32Array>(array).Value(row_), bytes);
      case base::TypeKind::kInt64:
        return append_little_endian(as<arrow::Int64Array>(array).Value(row_), bytes);
      case base::TypeKind::kFloat64: {
        const double value = as<arrow::DoubleArray>(array).Value(row_);
        return append_little_endian(value == 0 ? 0.0 : value, bytes);
      }
      case base::TypeKind::kDecimal: {
        const auto* value = as<arrow::Decimal128Array>(array).GetValue(row_);
        bytes->append(std::string_view(reinterpret_cast<const char*>(value), 16));
        return;
      }
      case base::TypeKind::kDate:
        return append_little_endian(as<arrow::Date32Array>(array).Value(row_), bytes);
      case base::TypeKind::kTimestamp:
        return append_little_endian(as<arrow::TimestampArray>(array).Value(row_), bytes);
    }
  }

  const arrow::ChunkedArray* column_;
  base::TypeKind kind_;
  std::string name_and_type_;
  int chunk_ = 0;
  std::int64_t row_ = 0;
};

std::vector<const base::Field*> in_name_order(const base::Schema& schema) {
  std::vector<const base::Field*> fields;
  for (const auto& field : schema.fields) fields.push_back(&field);
  std::ranges::sort(fields, {}, &base::Field::name);
  return fields;
}

std::vector<ColumnCursor> make_cursors(const arrow::Table& table, const base::Schema& schema) {
  std::vector<ColumnCursor> cursors;
  for (const auto* field : in_name_order(schema)) {
    const int index = table.schema()->GetFieldIndex(field->name);
    assert(index >= 0);
    cursors.emplace_back(*table.column(index), *field);
  }
  return cursors;
}

std::string canonical_schema(const base::Schema& schema) {
  std::string bytes;
  append_little_endian(static_cast<std::uint32_t>(schema.fields.size()), &bytes);
  for (const auto* field : in_name_order(schema)) {
    append_text(field->name, &bytes);
    append_text(base::type_name(field->type), &bytes);
  }
  return bytes;
}

}  // namespace

base::Sha256 canonical_digest(const arrow::Table& table, const base::Schema& schema) {
  base::Sha256Stream stream;
  auto cursors = make_cursors(table, schema);
  std::string piece = canonical_schema(schema);
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    for (auto& cursor : cursors) cursor.append_next(&piece);
    if (piece.size() < kPieceBytes) continue;
    stream.update(piece);
    piece.clear();
  }
  stream.update(piece);
  return std::move(stream).finish();
}

void canonical_rows(const arrow::Table& table, const base::Schema& schema,
                    std::vector<std::string>* rows) {
  auto cursors = make_cursors(table, schema);
  rows->reserve(rows->size() + static_cast<std::size_t>(table.num_rows()));
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    std::string bytes;
    for (auto& cursor : cursors) cursor.append_next(&bytes);
    rows->push_back(std::move(bytes));
  }
}

std::vector<RowHash> row_hashes(const arrow::Table& table, const base::Schema& schema) {
  auto cursors = make_cursors(table, schema);
  std::vector<RowHash> hashes;
  hashes.reserve(static_cast<std::size_t>(table.num_rows()));
  std::string bytes;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    bytes.clear();
    for (auto& cursor : cursors) cursor.append_next(&bytes);
    const auto digest = base::sha256(bytes);
    RowHash hash;
    std::memcpy(&hash.low, digest.data(), sizeof hash.low);
    std::memcpy(&hash.high, digest.data() + sizeof hash.low, sizeof hash.high);
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace ashore::columnar
