// Lists the rows that a merge changes, for destinations that hold the version before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "delta/changed_rows.h"
#include "io/object_store.h"
#include "merge/partition_merge.h"
#include "merge/table_merge.h"

namespace ashore::merge {

// What was decided about a table. `jobs` and `outcomes` go together, `file_outcomes` are those of
// the published files; jobs point into them.
struct Decisions {
  const std::vector<FileOutcome>& file_outcomes;
  const std::vector<PartitionJob>& jobs;
  const std::vector<PartitionOutcome>& outcomes;
};

// Nothing where the table is not published yet, where more than `rows_max` rows change, or most of
// the rows that are written again: then destinations compare all of these. Outcomes list more
// than `rows_max` updated rows where there are as many: a list that ends earlier must be whole.
// Reads the keys of deleted rows: errors as delta::read_rows.
base::Result<std::optional<delta::ChangedRows>> changed_rows(const TableInput& input,
                                                             const Decisions& decisions,
                                                             std::int64_t rows_max,
                                                             io::ObjectStore& store);

}  // namespace ashore::merge
