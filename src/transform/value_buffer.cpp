// Copies collected values into Arrow's buffers, each of the size that it takes.
#include "transform/value_buffer.h"

#include <arrow/api.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>

#include <cassert>
#include <cstring>
#include <limits>
#include <utility>

#include "columnar/arrow_schema.h"

namespace ashore::transform {

namespace {

using base::Result;
using Buffers = std::vector<std::shared_ptr<arrow::Buffer>>;

base::Error no_memory(const arrow::Status& status) {
  return columnar::arrow_error(status, "decode a column");
}

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

Result<std::shared_ptr<arrow::Buffer>> allocated(std::int64_t bytes) {
  auto buffer = arrow::AllocateBuffer(bytes);
  if (!buffer.ok()) return no_memory(buffer.status());
  return std::shared_ptr<arrow::Buffer>(std::move(*buffer));
}

// One bit a row; nullptr where no row is null.
Result<std::shared_ptr<arrow::Buffer>> validity(std::int64_t rows,
                                                const std::vector<std::int64_t>& nulls) {
  if (nulls.empty()) return std::shared_ptr<arrow::Buffer>();
  TRY(auto bits, allocated(arrow::bit_util::BytesForBits(rows)));
  std::memset(bits->mutable_data(), 0xff, at(bits->size()));
  for (const auto row : nulls) arrow::bit_util::ClearBit(bits->mutable_data(), row);
  return bits;
}

// Of words that are 0 or 1.
Result<std::shared_ptr<arrow::Buffer>> bits_of(const std::vector<std::int64_t>& words) {
  TRY(auto bits, allocated(arrow::bit_util::BytesForBits(static_cast<std::int64_t>(words.size()))));
  auto* const bytes = bits->mutable_data();
  constexpr std::size_t kByteBits = 8;
  const auto whole = words.size() / kByteBits * kByteBits;
  for (std::size_t row = 0; row < whole; row += kByteBits) {
    std::int64_t byte = 0;
    for (std::size_t bit = 0; bit < kByteBits; ++bit) byte |= words[row + bit] << bit;
    bytes[row / kByteBits] = static_cast<std::uint8_t>(byte);
  }
  if (whole < words.size()) bytes[whole / kByteBits] = 0;
  for (auto row = whole; row < words.size(); ++row) {
    arrow::bit_util::SetBitTo(bytes, static_cast<std::int64_t>(row), words[row] != 0);
  }
  return bits;
}

Result<std::shared_ptr<arrow::Buffer>> narrowed(const std::vector<std::int64_t>& words) {
  TRY(auto buffer, allocated(static_cast<std::int64_t>(words.size() * sizeof(std::int32_t))));
  auto* const values = buffer->mutable_data_as<std::int32_t>();
  for (std::size_t row = 0; row < words.size(); ++row) {
    values[row] = static_cast<std::int32_t>(words[row]);
  }
  return buffer;
}

Result<std::shared_ptr<arrow::Buffer>> copied(const std::vector<std::int64_t>& words) {
  const auto bytes = words.size() * sizeof(std::int64_t);
  TRY(auto buffer, allocated(static_cast<std::int64_t>(bytes)));
  if (bytes > 0) std::memcpy(buffer->mutable_data(), words.data(), bytes);
  return buffer;
}

// Most texts are short, and a call of memcpy takes longer: two words that may overlap.
void copy_text(std::string_view text, std::uint8_t* to) {
  const auto copy_ends = [&](auto word) {
    std::memcpy(&word, text.data(), sizeof word);
    auto last = word;
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + text.size() - sizeof last, &last, sizeof last);
  };
  struct Two {
    std::uint64_t words[2];
  };
  struct Four {
    std::uint64_t words[4];
  };
  if (text.size() > 2 * sizeof(Four)) {
    std::memcpy(to, text.data(), text.size());
  } else if (text.size() >= sizeof(Four)) {
    copy_ends(Four{});
  } else if (text.size() >= sizeof(Two)) {
    copy_ends(Two{});
  } else if (text.size() >= sizeof(std::uint64_t)) {
    copy_ends(std::uint64_t{0});
  } else {
    for (std::size_t at = 0; at < text.size(); ++at) to[at] = static_cast<std::uint8_t>(text[at]);
  }
}

Result<Buffers> text_buffers(const std::vector<std::string_view>& texts) {
  std::size_t bytes = 0;
  for (const auto& text : texts) bytes += text.size();
  // Arrow's string offsets have 32 bits.
  if (bytes > std::numeric_limits<std::int32_t>::max()) {
    return base::permanent("a column's text is over 2 GiB");
  }
  TRY(auto offsets,
      allocated(static_cast<std::int64_t>((texts.size() + 1) * sizeof(std::int32_t))));
  TRY(auto data, allocated(static_cast<std::int64_t>(bytes)));
  auto* offset = offsets->mutable_data_as<std::int32_t>();
  auto* const begin = data->mutable_data();
  auto* end = begin;
  *offset = 0;
  for (const auto& text : texts) {
    copy_text(text, end);
    end += text.size();
    *++offset = static_cast<std::int32_t>(end - begin);
  }
  return Buffers{std::move(offsets), std::move(data)};
}

}  // namespace

ValueBuffer::ValueBuffer(base::ColumnType type)
    : type_(type), arrow_type_(columnar::arrow_type(type)) {}
ValueBuffer::~ValueBuffer() = default;
ValueBuffer::ValueBuffer(ValueBuffer&&) noexcept = default;
ValueBuffer& ValueBuffer::operator=(ValueBuffer&&) noexcept = default;

void ValueBuffer::append_decimal(const arrow::Decimal128& value) {
  words_.push_back(static_cast<std::int64_t>(value.low_bits()));
  words_.push_back(value.high_bits());
}

Result<std::shared_ptr<arrow::Array>> ValueBuffer::finish() {
  const auto rows = length();
  assert(rows <= std::numeric_limits<std::int32_t>::max());
  Buffers buffers(1);
  TRY(buffers[0], validity(rows, nulls_));
  if (is_text()) {
    TRY(auto text, text_buffers(texts_));
    buffers.insert(buffers.end(), text.begin(), text.end());
  } else {
    const bool is_narrow =
        type_.kind == base::TypeKind::kInt32 || type_.kind == base::TypeKind::kDate;
    const bool is_bits = type_.kind == base::TypeKind::kBoolean;
    TRY(auto values, is_bits ? bits_of(words_) : is_narrow ? narrowed(words_) : copied(words_));
    buffers.push_back(std::move(values));
  }
  const auto data = arrow::ArrayData::Make(arrow_type_, rows, std::move(buffers),
                                           static_cast<std::int64_t>(nulls_.size()));
  words_.clear();
  texts_.clear();
  nulls_.clear();
  own_.clear();
  return arrow::MakeArray(data);
}

}  // namespace ashore::transform
