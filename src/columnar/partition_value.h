// Partition values as text, as Delta logs and hive folders hold them, and back to columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"

namespace ashore::columnar {

// The value of one row as the protocol's text: dates `YYYY-MM-DD`, integers in decimal, `true` or
// `false`, strings as they are; nothing for null and for the empty string, which Delta and Hive
// cannot tell from null. Types: string, int32, int64, boolean, date (the reader of the pipeline
// file allows no other).
std::optional<std::string> partition_text(const arrow::Array& column, std::int64_t row);

// Pure. The hive folder of a partition value, by the escape set of Spark's ExternalCatalogUtils:
// "p_day=2022-11-01", "region=a%2Fb", "region=__HIVE_DEFAULT_PARTITION__".
std::string partition_folder(std::string_view column, const std::optional<std::string>& value);

// The longest name of a folder that file systems take.
inline constexpr std::size_t kFolderBytesMax = 255;

// A column that holds the same value `rows` times. kPermanent: a text that is no value of `type`.
base::Result<std::shared_ptr<arrow::Array>> partition_column(base::ColumnType type,
                                                             const std::optional<std::string>& text,
                                                             std::int64_t rows);

// Rows one after another that share one partition value.
struct PartitionRange {
  std::optional<std::string> value;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
};
// The ranges of a table whose rows are sorted by that column (nothing first, then bytewise).
std::vector<PartitionRange> partition_ranges(const arrow::Table& table, const std::string& column);

// The rows of a table that share one partition value, in the table's order.
struct PartitionRows {
  std::optional<std::string> value;
  std::vector<std::int64_t> rows;
};
// One entry a distinct value of the named column, in order of value (null first, then bytewise).
std::vector<PartitionRows> group_by_partition(const arrow::Table& table, const std::string& column);

}  // namespace ashore::columnar
