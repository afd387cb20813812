// SqlSession lets a check's query see the tables as they would be, and nothing else.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <arrow/type_fwd.h>

#include "audit/checks.h"
#include "audit/options.h"
#include "base/result.h"
#include "io/object_store.h"
#include "state/run_context.h"
#include "warehouse/connection.h"

namespace ashore::audit {

// A DuckDB session in memory with one table each, under the table's name, that is given the rows
// which the table would have, in the columns that queries name. The configuration is locked: a
// query reads no file, writes nothing, attaches nothing, installs nothing. What does not fit in
// half of the memory allowed is spilled to the store's local folder of spill_folder();
// remove_spilled() removes it when the session is closed. Threads: one; where the context has more,
// and memory for it, rows are appended on one of its own while the next ones are read.
class SqlSession {
 public:
  // `queries` are all that run() will be asked. Errors as warehouse::Connection::open.
  static base::Result<SqlSession> open(const CandidateTables& tables,
                                       const std::vector<std::string>& queries,
                                       const Options& options, const state::RunContext& context);

  // The columns of a table that queries name; empty: none reads the table.
  [[nodiscard]] const std::vector<std::string>& columns_of(const std::string& table) const;
  // Takes rows of a table that some query reads; `part` has at least columns_of(table). finish()
  // comes after the last part and before run(). kTransient: they do not fit in memory and disk.
  base::Status take(const std::string& table, const arrow::Table& part);
  base::Status finish();

  // Runs one SELECT. kPermanent, in DuckDB's words: not SQL, not one SELECT, a table or file that
  // it may not see; kInterrupted, where rows still came.
  base::Result<SqlFinding> run(const std::string& query, const std::stop_token& stop);

 private:
  // Parts that are not appended yet.
  struct Pending {
    std::vector<std::shared_ptr<arrow::Table>> parts;
    std::int64_t rows = 0;
  };

  SqlSession(std::unique_ptr<warehouse::Connection> connection, bool appends_beside)
      : connection_(std::move(connection)), appends_beside_(appends_beside) {}
  base::Status append(const std::string& table);
  // Until the rows that are being appended are there.
  base::Status await_append();

  std::unique_ptr<warehouse::Connection> connection_;
  std::map<std::string, std::vector<std::string>> columns_;  // by table
  std::map<std::string, Pending> pending_;                   // by table
  bool appends_beside_;
  std::future<base::Status> appending_;
  std::jthread appender_;  // uses connection_: ends before that goes
};

// Pure. The database of a session.
warehouse::ConnectOptions session_database(const state::RunContext& context);

// Pure. Where a run's queries spill, relative to the data folder.
std::string spill_folder(const std::string& run_id);

// Removes what the queries of a run that is over have spilled. Errors as
// ObjectStore::remove_folder; what cannot be removed elsewhere than in the data folder stays.
base::Status remove_spilled(io::ObjectStore& store, const std::string& run_id);

}  // namespace ashore::audit
