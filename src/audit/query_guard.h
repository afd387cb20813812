// check_query() refuses what a check's query may not do before it is run.
#pragma once

#include <string>

#include "base/result.h"
#include "warehouse/connection.h"

namespace ashore::audit {

// Parses the query in that DuckDB session, without running it. A SELECT can do more than read
// tables: DuckDB's table functions read files, write logs, change settings (and the release that we
// use ends the process when a log file is denied to it). So only those that make rows of their
// arguments are let through. kPermanent: another function (by name), not SQL, not one SELECT.
base::Status check_query(warehouse::Connection& connection, const std::string& query);

}  // namespace ashore::audit
