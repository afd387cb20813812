// Encodes small Parquet files at the cost of their bytes: Arrow's writer takes a quarter of a
// millisecond to set itself up for thirty columns.
#pragma once

#include <cstdint>
#include <string>

#include <arrow/type_fwd.h>

#include "base/schema.h"

namespace ashore::columnar {

// Readers parse "<name> version <version>"; the text is fixed so that a release that writes the
// same rows writes the same bytes.
inline constexpr const char* kParquetCreatedBy = "ashore version 1";

// Files of so many rows or fewer are small.
inline constexpr std::int64_t kSmallRowsMax = 512;

// Pure. The bytes of a Parquet file (github.com/apache/parquet-format, 2.6): one row group, one V1
// data page per column, PLAIN values, RLE levels, checksums, statistics of columns and no page
// index, since a page is its column. Types are those that Arrow's writer gives the same columns. A
// page is compressed by Snappy where that makes it smaller. Deterministic.
// Preconditions: 1 to kSmallRowsMax rows; columns are exactly `schema`'s, and hold no null where it
// says so.
std::string encode_small_parquet(const arrow::Table& table, const base::Schema& schema);

}  // namespace ashore::columnar
