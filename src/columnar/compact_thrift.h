// ThriftWriter and ThriftReader: Thrift's compact protocol, in which Parquet's metadata is kept.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ashore::columnar {

// Types of the protocol.
enum class ThriftType : std::uint8_t {
  kTrue = 1,
  kFalse = 2,
  kByte = 3,
  kI16 = 4,
  kI32 = 5,
  kI64 = 6,
  kDouble = 7,
  kBinary = 8,
  kList = 9,
  kSet = 10,
  kMap = 11,
  kStruct = 12
};

// Appends one struct after another to a string. Fields come by ascending number (1..15 apart), each
// once; values not written are absent. Source of the format:
// github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. Threads: one at a
// time.
class ThriftWriter {
 public:
  // `bytes` outlives this.
  explicit ThriftWriter(std::string* bytes) : bytes_(bytes) { open_.push_back(0); }

  void boolean(int field, bool value) {
    header(field, value ? ThriftType::kTrue : ThriftType::kFalse);
  }
  void i32(int field, std::int32_t value) {
    header(field, ThriftType::kI32);
    zigzag(value);
  }
  void i64(int field, std::int64_t value) {
    header(field, ThriftType::kI64);
    zigzag(value);
  }
  void binary(int field, std::string_view value) {
    header(field, ThriftType::kBinary);
    text(value);
  }

  // A struct as a field: its own fields follow until end().
  void begin(int field) {
    header(field, ThriftType::kStruct);
    open_.push_back(0);
  }
  // Ends the struct that was begun last, or the outermost one.
  void end() {
    assert(!open_.empty());
    bytes_->push_back(0);
    open_.pop_back();
  }

  // Lists: so many elements follow, each by element() ... end(), element_i32() or element_binary().
  void list_of_structs(int field, std::size_t count) { list(field, ThriftType::kStruct, count); }
  void list_of_i32(int field, std::size_t count) { list(field, ThriftType::kI32, count); }
  void list_of_binaries(int field, std::size_t count) { list(field, ThriftType::kBinary, count); }
  void element() { open_.push_back(0); }
  void element_i32(std::int32_t value) { zigzag(value); }
  void element_binary(std::string_view value) { text(value); }

 private:
  void header(int field, ThriftType type) {
    const int step = field - open_.back();
    assert(step >= 1 && step <= 15);
    bytes_->push_back(static_cast<char>((step << 4) | static_cast<int>(type)));
    open_.back() = field;
  }
  void list(int field, ThriftType type, std::size_t count) {
    header(field, ThriftType::kList);
    constexpr std::size_t kShort = 15;
    const auto short_count = count < kShort ? count : kShort;
    bytes_->push_back(static_cast<char>((short_count << 4) | static_cast<std::size_t>(type)));
    if (count >= kShort) varint(count);
  }
  void text(std::string_view value) {
    varint(value.size());
    bytes_->append(value);
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_->push_back(static_cast<char>((value & 0x7fU) | 0x80U));
      value >>= 7U;
    }
    bytes_->push_back(static_cast<char>(value));
  }

  std::string* bytes_;
  std::vector<int> open_;  // the last field of each open struct
};

// Reads one struct. What is damaged ends it: ok() is false then, and all values are 0 or empty.
// Threads: one at a time.
class ThriftReader {
 public:
  // `bytes` outlive this and the texts it gives; they may go on behind the struct.
  explicit ThriftReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return is_ok_; }
  // Bytes read so far.
  [[nodiscard]] std::size_t position() const { return at_; }

  // The number of the struct's next field, whose value is read or skipped before the next call; 0
  // at its end, after which the struct that it lies in goes on.
  int next() {
    const auto header = byte();
    const int step = header >> 4U;
    type_ = static_cast<ThriftType>(header & 0x0fU);
    if (!is_ok_ || header == 0) {
      depth_ -= depth_ > 0 ? 1 : 0;
      type_ = ThriftType::kStruct;  // of a list that it lies in
      return 0;
    }
    auto& last = last_[depth_];
    last = step > 0 ? last + step : static_cast<int>(zigzag());
    if (last <= 0) fail();
    return is_ok_ ? last : 0;
  }
  // The value of the field: one of them, of the type that the format says.
  bool boolean() {
    if (type_ != ThriftType::kTrue && type_ != ThriftType::kFalse) fail();
    return type_ == ThriftType::kTrue;
  }
  std::int64_t integer() {
    const bool is_integer =
        type_ == ThriftType::kI16 || type_ == ThriftType::kI32 || type_ == ThriftType::kI64;
    if (!is_integer) fail();
    return is_ok_ ? zigzag() : 0;
  }
  std::string_view binary() {
    if (type_ != ThriftType::kBinary) fail();
    const auto length = varint();
    if (length > bytes_.size() - at_) fail();
    if (!is_ok_) return {};
    const auto text = bytes_.substr(at_, length);
    at_ += length;
    return text;
  }
  // Begins a struct: next() gives its fields.
  void structure() {
    if (type_ != ThriftType::kStruct || depth_ + 1 == last_.size()) return fail();
    last_[++depth_] = 0;
  }
  // Begins a list: so many values follow, each by one of the calls above.
  std::size_t list() {
    if (type_ != ThriftType::kList && type_ != ThriftType::kSet) fail();
    const auto header = byte();
    type_ = static_cast<ThriftType>(header & 0x0fU);
    const auto count = (header >> 4U) == 15 ? varint() : header >> 4U;
    if (count > bytes_.size() - at_) fail();  // each takes a byte or more
    return is_ok_ ? count : 0;
  }
  // Goes behind the value, whatever it is.
  void skip() {
    switch (type_) {
      case ThriftType::kTrue:
      case ThriftType::kFalse:
        return;
      case ThriftType::kI16:
      case ThriftType::kI32:
      case ThriftType::kI64:
        varint();
        return;
      case ThriftType::kBinary:
        binary();
        return;
      case ThriftType::kStruct:
        structure();
        while (next() != 0) skip();
        return;
      case ThriftType::kList: {
        const auto count = list();
        const auto type = type_;
        const bool is_known = type == ThriftType::kI32 || type == ThriftType::kI64 ||
                              type == ThriftType::kBinary || type == ThriftType::kStruct;
        if (!is_known) return fail();
        for (std::size_t index = 0; index < count && is_ok_; ++index) {
          type_ = type;
          skip();
        }
        return;
      }
      default:
        fail();  // nothing of the kind is in Parquet's metadata
    }
  }

 private:
  void fail() {
    is_ok_ = false;
    at_ = bytes_.size();
  }
  std::uint8_t byte() {
    if (at_ >= bytes_.size()) fail();
    return is_ok_ ? static_cast<std::uint8_t>(bytes_[at_++]) : std::uint8_t{0};
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7fU) << shift;
      if (part < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::int64_t zigzag() {
    const auto value = varint();
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool is_ok_ = true;
  ThriftType type_ = ThriftType::kStruct;  // of the value that comes
  std::array<int, 16> last_{};             // the last field of each open struct
  std::size_t depth_ = 0;
};

}  // namespace ashore::columnar
