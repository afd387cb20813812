// ThriftWriter writes Thrift's compact protocol, in which Parquet's metadata is kept.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ashore::columnar {

// Appends one struct after another to a string. Fields come by ascending number (1..15 apart), each
// once; values not written are absent. Source of the format:
// github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. Threads: one at a
// time.
class ThriftWriter {
 public:
  // `bytes` outlives this.
  explicit ThriftWriter(std::string* bytes) : bytes_(bytes) { open_.push_back(0); }

  void boolean(int field, bool value) { header(field, value ? kTrue : kFalse); }
  void i32(int field, std::int32_t value) {
    header(field, kI32);
    zigzag(value);
  }
  void i64(int field, std::int64_t value) {
    header(field, kI64);
    zigzag(value);
  }
  void binary(int field, std::string_view value) {
    header(field, kBinary);
    text(value);
  }

  // A struct as a field: its own fields follow until end().
  void begin(int field) {
    header(field, kStruct);
    open_.push_back(0);
  }
  // Ends the struct that was begun last, or the outermost one.
  void end() {
    assert(!open_.empty());
    bytes_->push_back(0);
    open_.pop_back();
  }

  // Lists: so many elements follow, each by element() ... end(), element_i32() or element_binary().
  void list_of_structs(int field, std::size_t count) { list(field, kStruct, count); }
  void list_of_i32(int field, std::size_t count) { list(field, kI32, count); }
  void list_of_binaries(int field, std::size_t count) { list(field, kBinary, count); }
  void element() { open_.push_back(0); }
  void element_i32(std::int32_t value) { zigzag(value); }
  void element_binary(std::string_view value) { text(value); }

 private:
  static constexpr char kTrue = 1;
  static constexpr char kFalse = 2;
  static constexpr char kI32 = 5;
  static constexpr char kI64 = 6;
  static constexpr char kBinary = 8;
  static constexpr char kList = 9;
  static constexpr char kStruct = 12;

  void header(int field, char type) {
    const int step = field - open_.back();
    assert(step >= 1 && step <= 15);
    bytes_->push_back(static_cast<char>((step << 4) | type));
    open_.back() = field;
  }
  void list(int field, char type, std::size_t count) {
    header(field, kList);
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

}  // namespace ashore::columnar
