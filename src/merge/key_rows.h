// KeyRows finds the row that has a key: a hash table of row numbers, which compares keys where they
// lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "columnar/keys.h"

namespace ashore::merge {

// Eight bytes per row, whatever the keys' length. The rows must outlive it. Threads: read-only once
// made.
class KeyRows {
 public:
  // Fewer rows than 2^32 - 1, no two of which have one key.
  KeyRows(const arrow::Table& rows, const std::vector<std::string>& key);

  // The row that has this key, or -1.
  [[nodiscard]] std::int64_t find(std::string_view key) const;

 private:
  [[nodiscard]] std::size_t home_of(std::string_view key) const;

  columnar::KeyReader reader_;
  std::vector<std::uint32_t> slots_;  // twice as many as rows; a row number or kFree
};

}  // namespace ashore::merge
