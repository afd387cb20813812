// The footer of a small Parquet file of ours: where its columns lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ashore::columnar {

// The physical type of what has no values, or several to a row.
inline constexpr std::int64_t kNoLeaf = -1;

// What the footer says of a column.
struct StoredColumn {
  std::string_view name;
  std::int64_t physical = kNoLeaf;
  std::int64_t length = 0;  // of a decimal's bytes
  bool is_nullable = false;
  std::int64_t converted = -1;
  std::int64_t scale = 0;
  std::int64_t precision = 0;
  // Of its only page, header included.
  std::int64_t codec = -1;
  std::int64_t offset = -1;
  std::int64_t bytes = 0;
};

struct Footer {
  std::int64_t rows = 0;
  std::vector<StoredColumn> columns;
};

// Pure. Views of the file. Nothing where the footer is not one that encode_small_parquet() writes:
// one row group of 1 to kSmallRowsMax rows, no dictionary, our name. Columns' offsets and sizes are
// as they stand there: whether they lie in the file is the caller's to check.
std::optional<Footer> read_footer(std::string_view file);

}  // namespace ashore::columnar
