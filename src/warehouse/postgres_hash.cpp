// Hashes column by column. The hash of a row is linear in those of its values, so whoever adds up
// rows must mix it once more: else two rows could exchange values unseen.
#include "warehouse/postgres_hash.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <bit>
#include <cassert>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

namespace ashore::warehouse {

namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

// lookup3's three words of state.
class Lookup3 {
 public:
  Lookup3(std::size_t bytes, std::uint32_t seed)
      : a_(kGoldenRatio + static_cast<std::uint32_t>(bytes) + kSalt), b_(a_), c_(a_) {
    if (seed == 0) return;
    b_ += seed;
    mix();
  }

  void add(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    a_ += a;
    b_ += b;
    c_ += c;
  }

  void mix() {
    step(&a_, &c_, &b_, 4);
    step(&b_, &a_, &c_, 6);
    step(&c_, &b_, &a_, 8);
    step(&a_, &c_, &b_, 16);
    step(&b_, &a_, &c_, 19);
    step(&c_, &b_, &a_, 4);
  }

  [[nodiscard]] std::uint64_t finish() {
    last(&c_, b_, 14);
    last(&a_, c_, 11);
    last(&b_, a_, 25);
    last(&c_, b_, 16);
    last(&a_, c_, 4);
    last(&b_, a_, 14);
    last(&c_, b_, 24);
    return std::uint64_t{b_} << 32 | c_;
  }

 private:
  static constexpr std::uint32_t kGoldenRatio = 0x9e3779b9;
  static constexpr std::uint32_t kSalt = 3'923'095;

  static void step(std::uint32_t* changed, std::uint32_t* taken, const std::uint32_t* added,
                   int bits) {
    *changed -= *taken;
    *changed ^= std::rotl(*taken, bits);
    *taken += *added;
  }
  static void last(std::uint32_t* changed, std::uint32_t other, int bits) {
    *changed ^= other;
    *changed -= std::rotl(other, bits);
  }

  std::uint32_t a_;
  std::uint32_t b_;
  std::uint32_t c_;
};

std::uint32_t word(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint32_t seed) {
  constexpr std::size_t kBlock = 12;
  Lookup3 state(bytes.size(), seed);
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kBlock; left -= kBlock, at += kBlock) {
    state.add(word(at), word(at + 4), word(at + 8));
    state.mix();
  }
  // The last bytes, and zeros behind them; of the third word the lowest byte is kept for the
  // length.
  char rest[kBlock] = {};
  if (left > 0) std::memcpy(rest, at, left);
  state.add(word(rest), word(rest + 4), word(rest + 8) << 8);
  return state.finish();
}

std::uint64_t hash_text(std::string_view text) { return hash_bytes(text, kRecordSeed); }

std::uint64_t hash_word(std::uint32_t value) {
  Lookup3 state(sizeof value, kRecordSeed);
  state.add(value, 0, 0);
  return state.finish();
}

// An integer of 64 bits has the hash of one of 32 where it fits one.
std::uint64_t hash_integer(std::int64_t value) {
  const auto low = static_cast<std::uint32_t>(value);
  const auto high = static_cast<std::uint32_t>(value >> 32);
  return hash_word(low ^ (value >= 0 ? high : ~high));
}

std::uint64_t hash_float(double value) {
  if (value == 0) return kRecordSeed;
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return hash_text({bytes, sizeof bytes});
}

// As numeric(p, s) is written: always `scale` digits behind the point.
std::string decimal_text(const arrow::Decimal128& value, int scale) {
  auto digits = arrow::Decimal128(arrow::Decimal128::Abs(value)).ToIntegerString();
  const auto behind = static_cast<std::size_t>(scale);
  if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');
  if (behind > 0) digits.insert(digits.size() - behind, 1, '.');
  return value < 0 ? "-" + digits : digits;
}

// Days and microseconds are counted from 2000 on.
constexpr std::chrono::sys_days kPostgresEpoch{std::chrono::year(2000) / 1 / 1};
constexpr std::int32_t kEpochDays = kPostgresEpoch.time_since_epoch().count();
constexpr std::int64_t kEpochMicros =
    std::chrono::microseconds(kPostgresEpoch.time_since_epoch()).count();

// Adds the hashes of one column's values to those of the rows so far, as hash_record_extended does.
template <typename ArrayType, typename HashOf>
void add_values(const arrow::ChunkedArray& column, const HashOf& hash_of,
                std::vector<std::uint64_t>* hashes) {
  std::size_t place = 0;
  for (const auto& chunk : column.chunks()) {
    assert(chunk->type_id() == ArrayType::TypeClass::type_id);
    const auto& values = static_cast<const ArrayType&>(*chunk);
    for (std::int64_t row = 0; row < values.length(); ++row, ++place) {
      const std::uint64_t value = values.IsNull(row) ? 0 : hash_of(values.GetView(row));
      auto& hash = (*hashes)[place];
      hash = (hash << 5) - hash + value;
    }
  }
  assert(place == hashes->size());
}

void add_column(const arrow::ChunkedArray& column, base::ColumnType type,
                std::vector<std::uint64_t>* hashes) {
  switch (type.kind) {
    case base::TypeKind::kString:
    case base::TypeKind::kJson:
      return add_values<arrow::StringArray>(column, hash_text, hashes);
    case base::TypeKind::kBoolean:
      return add_values<arrow::BooleanArray>(
          column, [](bool value) { return hash_word(value ? 1 : 0); }, hashes);
    case base::TypeKind::kInt32:
      return add_values<arrow::Int32Array>(
          column, [](std::int32_t value) { return hash_word(static_cast<std::uint32_t>(value)); },
          hashes);
    case base::TypeKind::kInt64:
      return add_values<arrow::Int64Array>(column, hash_integer, hashes);
    case base::TypeKind::kFloat64:
      return add_values<arrow::DoubleArray>(column, hash_float, hashes);
    case base::TypeKind::kDecimal:
      return add_values<arrow::Decimal128Array>(
          column,
          [scale = type.scale](std::string_view bytes) {
            const arrow::Decimal128 value(reinterpret_cast<const std::uint8_t*>(bytes.data()));
            return hash_text(decimal_text(value, scale));
          },
          hashes);
    case base::TypeKind::kDate:
      return add_values<arrow::Date32Array>(
          column,
          [](std::int32_t days) {
            return hash_word(static_cast<std::uint32_t>(days - kEpochDays));
          },
          hashes);
    case base::TypeKind::kTimestamp:
      return add_values<arrow::TimestampArray>(
          column, [](std::int64_t micros) { return hash_integer(micros - kEpochMicros); }, hashes);
  }
}

}  // namespace

std::uint64_t postgres_text_hash(std::string_view text) { return hash_bytes(text, 0); }

std::vector<std::uint64_t> postgres_record_hashes(const arrow::Table& rows,
                                                  const base::Schema& schema) {
  std::vector<std::uint64_t> hashes(static_cast<std::size_t>(rows.num_rows()), 0);
  for (const auto& field : schema.fields) {
    const auto column = rows.GetColumnByName(field.name);
    assert(column != nullptr);
    add_column(*column, field.type, &hashes);
  }
  return hashes;
}

}  // namespace ashore::warehouse
