// Names the rows by which two places differ.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "warehouse/row_source.h"

namespace ashore::reconcile {

// A row that is not as published; sorted by partition, then by key as text.
struct RowDifference {
  std::string partition;  // warehouse::partition_name(); of a moved row, where it should be
  std::string key;        // for people: "A-1, 17"
  std::string what;       // "changed", "added", "missing", "twice", "moved to day=2022-11-02"
};

// Compares the partitions row by row, by key, until `rows_max` differences are known: further ones
// are not named. Holds one partition's rows of `expected` at a time, of `found` one
// piece. A row that one partition lacks and another has too much is one that moved. Errors are
// those of the places.
base::Result<std::vector<RowDifference>> name_differences(
    const warehouse::ComparedTable& shape, warehouse::RowSource& expected,
    warehouse::RowSource& found, const std::vector<warehouse::PartitionValue>& partitions,
    std::size_t rows_max);

}  // namespace ashore::reconcile
