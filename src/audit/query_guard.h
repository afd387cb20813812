// What a check's query names, and what it may not do: both seen in its syntax tree, before it is
// run.
#pragma once

#include <string>
#include <unordered_set>

#include "base/result.h"
#include "warehouse/connection.h"

namespace ashore::audit {

// Parses the query in that DuckDB session, without running it. A SELECT can do more than read
// tables: DuckDB's table functions read files, write logs, change settings (and the release that we
// use ends the process when a log file is denied to it). So only those that make rows of their
// arguments are let through. kPermanent: another function (by name), not SQL, not one SELECT.
base::Status check_query(warehouse::Connection& connection, const std::string& query);

// What of the tables a query may read: a superset.
struct QueryNames {
  std::unordered_set<std::string> names;  // every name and text in the query, in lower case
  bool reads_whole_rows = false;  // by a star, by a table's name, or by asking for its columns
};

// Parses the query in that DuckDB session, without running it. Errors as check_query() where it is
// not SQL.
base::Result<QueryNames> names_in(warehouse::Connection& connection, const std::string& query);

}  // namespace ashore::audit
