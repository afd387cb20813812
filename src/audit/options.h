// What audit may be told besides the pipeline.
#pragma once

#include <string>

#include "delta/candidate.h"
#include "delta/table_logs.h"
#include "warehouse/opened_ahead.h"

namespace ashore::audit {

struct Options {
  std::string run_id;
  // The candidate, where this process has just made it: neither its file nor, for their digests,
  // the files that it names are read back. It outlives the audit.
  const delta::Candidate* just_made = nullptr;
  // What open_ahead() gave; nullptr: queries open their own. Outlives the audit, which takes from
  // it.
  warehouse::OpenedAhead* opened = nullptr;
  // What this process knows of the tables' logs already; nullptr: nothing. Outlives the call.
  delta::TableLogs* logs = nullptr;
};

}  // namespace ashore::audit
