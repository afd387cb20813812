// Evaluates one check on the columns of a candidate table.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "spec/pipeline.h"
#include "state/summary.h"

namespace ashore::audit {

// A candidate table as far as checks look at it.
struct AuditedTable {
  std::int64_t rows = 0;
  std::shared_ptr<arrow::Table> columns;  // only those that some check names; null if none
};

// Pure. The columns that the pipeline's checks need of one table, without repeats.
std::vector<std::string> needed_columns(const spec::Pipeline& pipeline, const std::string& table);

// Pure. The result of one check of `table`. `tables` has every table of the pipeline, by name.
state::CheckResult evaluate(const spec::Table& table, const spec::Check& check,
                            const std::map<std::string, AuditedTable>& tables);

// Pure. Whether a run withdraws more rows than max(5, 20 %) of the rows its window held: always
// checked where rows are withdrawn at all.
state::CheckResult evaluate_withdrawn(const state::TableCounts& counts);

}  // namespace ashore::audit
