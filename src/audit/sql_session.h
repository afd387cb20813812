// SqlSession lets a check's query see the tables as they would be, and nothing else.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "audit/checks.h"
#include "audit/options.h"
#include "base/result.h"
#include "io/object_store.h"
#include "warehouse/connection.h"

namespace ashore::audit {

// A DuckDB session in memory with one view a table, under the table's name, over exactly the files
// that the table would have. Then the configuration is locked: a query reads no other file, writes
// nothing, attaches nothing, installs nothing. What does not fit in half of the memory allowed is
// spilled to spill_folder(), which the caller removes when the session is closed. Threads: one.
class SqlSession {
 public:
  // kPermanent: no driver, a data folder that is not on a disk; kTransient: files that cannot be
  // read.
  static base::Result<SqlSession> open(const CandidateTables& tables, const Options& options,
                                       io::ObjectStore& store);

  // Runs one SELECT. kPermanent, in DuckDB's words: not SQL, not one SELECT, a table or file that
  // it may not see; kInterrupted, where rows still came.
  base::Result<SqlFinding> run(const std::string& query, const std::stop_token& stop);

 private:
  explicit SqlSession(std::unique_ptr<warehouse::Connection> connection)
      : connection_(std::move(connection)) {}

  std::unique_ptr<warehouse::Connection> connection_;
};

// Pure. Where a run's queries spill, relative to the data folder.
std::string spill_folder(const std::string& run_id);

}  // namespace ashore::audit
