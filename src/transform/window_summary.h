// Counts a window's rows, names what nobody mapped, and says whether rejections block the run.
#pragma once

#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "state/summary.h"
#include "transform/page_rows.h"
#include "transform/plan.h"
#include "transform/window_tables.h"

namespace ashore::transform {

// What the functions below call `pages` is the sum of all pages of the window (add_counts()).

// Pure. Counters by table (docs/formats/report.md), unmapped paths in the order met, and a warning
// for each path that a table names and that no item has; these and changed types are its drift.
state::Summary summarise(const Plan& plan, const std::vector<WindowTable>& tables,
                         const PageRows& pages);

// Emits RowsRejected once a table and rule, and Warned for each warning.
void tell(const Plan& plan, const PageRows& pages, const state::Summary& summary,
          base::EventSink& events);

// Pure. kBlockedByQuarantine if a table has more rejections than max(rejected_rows_max,
// rejected_share_max * rows_in): each such table, its counts and limit, its first example and its
// quarantine file in `run_id`.
base::Status check_rejections(const Plan& plan, const PageRows& pages,
                              const state::Summary& summary, const std::string& run_id);

}  // namespace ashore::transform
