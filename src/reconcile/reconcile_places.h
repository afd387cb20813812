// The places that reconcile looks at, one after another; each adds to what was found.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "delta/snapshot.h"
#include "reconcile/reconcile.h"
#include "run/history.h"
#include "run/options.h"
#include "state/run_context.h"
#include "warehouse/row_source.h"

namespace ashore::reconcile {

// A published table as it lies on the disk.
struct MeasuredTable {
  const config::Table* spec = nullptr;
  delta::Snapshot snapshot;
  warehouse::ComparedTable shape;
  warehouse::PartitionSums sums;
  // Partitions with files that are not as they were written: nothing is measured by them.
  std::vector<warehouse::PartitionValue> damaged;
  // Rows by window of ReconcileContext::windows; for item tables.
  std::vector<std::int64_t> rows_in_windows;

  [[nodiscard]] bool is_damaged(const warehouse::PartitionValue& value) const;
};

// What all places share; all outlive it. Precondition: the caller holds the lock.
struct ReconcileContext {
  const config::Pipeline& pipeline;
  const run::Options& options;
  const state::RunContext& run;
  std::vector<run::Step> steps;       // of which the published tables were made
  std::vector<base::Window> windows;  // of their landings, joined where they meet
};

// Pure. Windows as few as can be that hold the same instants, in order.
std::vector<base::Window> joined_windows(std::vector<base::Window> windows);

// Reads every data file once: bytes against its name, rows against its tag and its log entry; files
// that the log does not name (where superseded ones are not kept).
base::Result<std::vector<MeasuredTable>> measure_published(const ReconcileContext& context,
                                                           Reconciled* result);

// Compares one destination's tables with the published ones. True where it holds something else; a
// destination that cannot be read is added to not_compared.
base::Result<bool> compare_destination(const ReconcileContext& context,
                                       const std::vector<MeasuredTable>& tables,
                                       const config::DestinationSpec& destination,
                                       Reconciled* result);

// Checks every page of every landing of the pipeline against its manifest, and the manifests
// against each other.
base::Status check_raw(const ReconcileContext& context, Reconciled* result);

// Builds the tables again from raw and compares them row by row. Where raw is not as it was landed
// that is not tried.
base::Status compare_rebuilt(const ReconcileContext& context,
                             const std::vector<MeasuredTable>& tables, Reconciled* result);

// Asks the source how many items the windows have: one request a window.
base::Status compare_source(const ReconcileContext& context,
                            const std::vector<MeasuredTable>& tables, Reconciled* result);

// Compares a place's rows of a table with the published ones and names rows that differ. True where
// there are.
base::Result<bool> compare_rows(const ReconcileContext& context, const MeasuredTable& table,
                                const std::string& place, warehouse::RowSource& found,
                                Reconciled* result);

}  // namespace ashore::reconcile
