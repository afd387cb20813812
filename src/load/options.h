// What load may be told besides the pipeline.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/window.h"
#include "config/pipeline.h"
#include "delta/table_logs.h"
#include "warehouse/connection.h"

namespace ashore::load {

// What taking over one table did, in a transaction that is still open.
struct AdoptedTable {
  std::string table;
  std::string why;  // "it has rows that ashore did not load"
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  // A few keys of each kind, as text: "A-1, 17".
  std::vector<std::string> inserted_keys;
  std::vector<std::string> updated_keys;
  std::vector<std::string> deleted_keys;
  std::vector<std::string> statements;  // that changed its shape
};
struct Adoption {
  std::string destination;           // destination_name()
  std::vector<AdoptedTable> tables;  // never none
};

struct Options {
  std::string run_id;                                 // of the publication, for bookkeeping
  std::vector<config::DestinationSpec> destinations;  // the pipeline's, or those of --to
  std::string data_folder;  // absolute; relative DuckDB paths lie below it
  bool full = false;        // compare every row
  // Set: tables that ashore did not load, or loaded from another published table, are taken over
  // (else refused). Called once a destination that has such tables, before the commit; where it
  // says false nothing of that destination is changed.
  std::function<bool(const Adoption&)> adopt;
  // DuckDB keeps no primary key. Set: rows whose key is there more than once are written anew (else
  // refused).
  bool fixes_repeated_keys = false;
  std::optional<base::Window> range;  // load only partitions in it
  // For a DuckDB file that another process holds, and for locks of PostgreSQL's tables.
  std::chrono::milliseconds busy_wait{60'000};
  std::vector<std::string> taken_tables = {};  // loaded though they are another pipeline's
  // The rows that merge handed over in run `run_id` were written by this process.
  bool merged_here = false;
  // What this process knows of the tables' logs already; nullptr: nothing. Outlives the call.
  delta::TableLogs* logs = nullptr;
  // What a single DuckDB file is attached to; nullptr: it is opened by itself. Outlives the call.
  warehouse::DuckDbInstance* duckdb = nullptr;
};

}  // namespace ashore::load
