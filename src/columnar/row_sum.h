// Sums of rows: equal for two places that hold the same rows, in whatever order each gives them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/schema.h"

namespace ashore::columnar {

// A number of 128 bits.
struct RowHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const RowHash&) const = default;
};

// How many rows, and the sum of their hashes modulo 2^128.
struct RowSum {
  std::int64_t rows = 0;
  RowHash sum;

  void add(const RowHash& hash);
  void add(const RowSum& other);
  bool operator==(const RowSum&) const = default;
};

// Pure. 32 lower-case hex digits, the most significant first.
std::string to_hex(const RowHash& hash);

// The hash of each row: the first 16 bytes of the sha256 of its canonical bytes, read as a
// little-endian number (docs/formats/canonical-rows.md). `schema` names all columns of the rows.
std::vector<RowHash> row_hashes(const arrow::Table& table, const base::Schema& schema);

}  // namespace ashore::columnar
