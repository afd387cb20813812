// Opens a pipeline's destination for reading: read-only, closed again by the caller's scope.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/pipeline.h"
#include "warehouse/connection.h"

namespace ashore::run {

struct AccessOptions {
  std::string data_folder;    // absolute; relative DuckDB paths lie below it
  std::string driver_folder;  // where the database drivers lie
  std::int64_t memory_bytes = std::int64_t{256} << 20;
  int threads = 1;
  // What a DuckDB file is attached to; nullptr: it is opened by itself. Outlives the session.
  warehouse::DuckDbInstance* duckdb = nullptr;
};

// What one command attaches its DuckDB files to; it is made when the first one needs it.
std::shared_ptr<warehouse::DuckDbInstance> shared_duckdb();

// A session that only reads. kNotFound, naming the command that loads it: a DuckDB file that is not
// there yet; other errors as warehouse::Connection::open.
base::Result<std::unique_ptr<warehouse::Connection>> open_for_reading(
    const config::DestinationSpec& destination, const AccessOptions& options);

// Whether ashore ever loaded a table into it. Errors as warehouse::Connection::query().
base::Result<bool> is_loaded(warehouse::Connection& connection);

}  // namespace ashore::run
