// What publish may be told besides the pipeline.
#pragma once

#include <string>
#include <vector>

#include "delta/candidate.h"
#include "delta/commit.h"
#include "delta/table_logs.h"

namespace ashore::publish {

struct Options {
  std::string run_id;
  bool force = false;                          // publish a landing older than the published one
  std::vector<std::string> taken_tables = {};  // written though they are another pipeline's
  std::vector<delta::CommitOverride> overrides = {};  // failed checks that do not block this run
  // The candidate, where this process has just made it: its file is not read. Outlives the call.
  const delta::Candidate* just_made = nullptr;
  // What this process knows of the tables' logs already; nullptr: nothing. Outlives the call.
  delta::TableLogs* logs = nullptr;
};

}  // namespace ashore::publish
