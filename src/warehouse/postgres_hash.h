// The hashes that PostgreSQL computes of values and rows, computed here.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/schema.h"

namespace ashore::warehouse {

// Pure. hashtextextended(text, 0) under the collation "C": Bob Jenkins's lookup3 with 64 bits, as
// PostgreSQL has had it since version 11 (src/common/hashfn.c).
std::uint64_t postgres_text_hash(std::string_view text);

// Not 0, which would give the number 0.0 the hash of null.
inline constexpr std::uint32_t kRecordSeed = 1;

// Pure. By row: hash_record_extended(ROW(...), kRecordSeed) of the columns of `schema` in its
// order, texts and json under the collation "C", json and decimals as texts; PostgreSQL has it
// since version 14. All columns are in `rows`.
std::vector<std::uint64_t> postgres_record_hashes(const arrow::Table& rows,
                                                  const base::Schema& schema);

}  // namespace ashore::warehouse
