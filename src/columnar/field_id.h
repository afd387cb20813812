// field_id() numbers a column for readers that find columns of Parquet files by number.
#pragma once

#include <cstdint>
#include <string_view>

namespace ashore::columnar {

// Pure. The lowest 30 bits of the CRC-32 (zlib's) of the column's name, 1 in place of 0: the same
// in every file of a table, whatever columns stand beside it or come later.
std::int32_t field_id(std::string_view name);

}  // namespace ashore::columnar
