// Numbers of Parquet's metadata, and those of our column types: what encoder and reader of small
// files share. Source: github.com/apache/parquet-format, parquet.thrift.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/schema.h"

namespace ashore::columnar {

inline constexpr std::string_view kMagic = "PAR1";

enum Physical : std::int32_t {
  kBoolean = 0,
  kInt32 = 1,
  kInt64 = 2,
  kDouble = 5,
  kByteArray = 6,
  kFixed = 7
};
enum Converted : std::int32_t { kUtf8 = 0, kDecimal = 5, kDate = 6, kTimestampMicros = 10 };
enum Encoding : std::int32_t { kPlain = 0, kRle = 3 };
enum Codec : std::int32_t { kUncompressed = 0, kSnappy = 1 };

// Pure.
Physical physical_type(base::ColumnType type);
// Pure. Absent: the physical type says it.
std::optional<Converted> converted_type(base::TypeKind kind);
// Pure. Bytes of a decimal, as few as its precision needs.
std::size_t decimal_length(base::ColumnType type);

}  // namespace ashore::columnar
