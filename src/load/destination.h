// Loads all tables into one destination, in one transaction.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "load/options.h"
#include "load/published_table.h"
#include "load/scope.h"
#include "state/run_context.h"
#include "state/summary.h"
#include "warehouse/connection.h"

namespace ashore::load {

// What all destinations share; all outlive the load.
struct LoadContext {
  const std::vector<PublishedTable>& tables;
  // By table name, where only a date range is asked for.
  const std::map<std::string, Scope>& ranges;
  const Options& options;
  const state::RunContext& run;
};

struct DestinationOutcome {
  std::vector<state::DestinationTableCounts> tables;
  bool wrote = false;  // rows, shapes or bookkeeping
  std::vector<AdoptedTable> adopted;
};

// Pure. How load opens a destination, with its share of run.memory_bytes; a DuckDB file, where it
// is the only one, by options.duckdb.
warehouse::ConnectOptions connect_options(const Options& options, const state::RunContext& run,
                                          const config::DestinationSpec& destination);

// Opens, compares, writes and commits, or leaves the destination as it was. kInterrupted: stopped;
// else as load().
base::Result<DestinationOutcome> load_destination(const LoadContext& context,
                                                  const config::DestinationSpec& destination);

}  // namespace ashore::load
