// Picks a few rows of each kind of change of one table, for the report: always the same ones.
#pragma once

#include <vector>

#include "merge/partition_merge.h"
#include "merge/table_merge.h"
#include "state/row_examples.h"

namespace ashore::merge {

// Of each kind the first rows by partition and key, of deleted ones those of the first files;
// kExamplesMax of partition_merge.h at most. `jobs` and `outcomes` go together, `file_outcomes` are
// those of the published files. Reads again the files in which example rows lie: errors as
// delta::read_rows.
base::Result<state::TableExamples> find_examples(const TableInput& input,
                                                 const std::vector<FileOutcome>& file_outcomes,
                                                 const std::vector<PartitionJob>& jobs,
                                                 const std::vector<PartitionOutcome>& outcomes,
                                                 io::ObjectStore& store);

}  // namespace ashore::merge
