// `_ashore_loads`: what a destination holds, one row per table (docs/formats/loads.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"
#include "warehouse/connection.h"

namespace ashore::load {

inline constexpr std::string_view kBookkeepingTable = "_ashore_loads";

struct Held {
  std::string table_id;
  // -1: rows were loaded (by date range) but no version as a whole.
  std::int64_t version = -1;
  std::int64_t rows = 0;
  // Of that version's log entry, hex; "" in rows of earlier releases and for version -1.
  std::string log_sha256 = {};
};
using HeldTables = std::map<std::string, Held>;

// Pure. Creates the bookkeeping table where there is none. `qualifier` as in table_shape.h.
std::string create_bookkeeping(warehouse::Dialect dialect, const std::string& qualifier);

// Adds the column log_sha256 to a bookkeeping table of an earlier release. Precondition: the table
// exists. Errors as Connection::query() and execute().
base::Status bring_up_to_date(warehouse::Connection& connection, const std::string& qualifier);

// What is held, by table. Precondition: the bookkeeping table exists. Errors as
// Connection::query(): also where it is somebody else's table of that name.
base::Result<HeldTables> read_held(warehouse::Connection& connection, const std::string& qualifier);

// Updates a table's row in place, or makes it. Errors as Connection::execute().
struct HeldEntry {
  std::string table;
  Held held;
  std::string run_id;
  base::Timestamp time{};
};
base::Status write_held(warehouse::Connection& connection, const std::string& qualifier,
                        const HeldEntry& entry);

}  // namespace ashore::load
