// A database behind ADBC: SQL, Arrow in and out, one transaction at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "base/secret.h"
#include "io/fault_points.h"

namespace ashore::warehouse {

enum class Dialect { kDuckDb, kPostgreSql };

class DuckDbInstance;

struct ConnectOptions {
  Dialect dialect = Dialect::kDuckDb;
  std::string driver_folder;  // where libduckdb.so and libadbc_driver_postgresql.so lie
  std::string path;           // DuckDB: the file; ":memory:"
  bool read_only = false;     // DuckDB
  std::int64_t memory_bytes_max = std::int64_t{256} << 20;  // DuckDB; it gets 64 MB at least
  int threads = 1;                                          // DuckDB
  // DuckDB: what a file is attached to, where it can be; nullptr: it gets an instance of its own.
  // Outlives the session.
  DuckDbInstance* instance = nullptr;
  base::Secret url;  // PostgreSQL: libpq uri or keyword=value text
  // Every statement is a point of it; outlives the session; nullptr: none is.
  io::FaultPoints* faults = nullptr;
};

// One session in UTC. Threads: one at a time. Not autocommitting between
// begin() and commit(); destroying it undoes an open transaction.
class Connection {
 public:
  // kTransient: refused, reset, starting up, too many connections, time-out,
  // file held by another process; kPermanent: authentication, unknown database
  // or role, missing rights, driver not found, not a database file; kNotFound:
  // read_only and the DuckDB file is not there. Messages hold no password.
  static base::Result<std::unique_ptr<Connection>> open(const ConnectOptions& options);
  virtual ~Connection() = default;

  [[nodiscard]] virtual Dialect dialect() const = 0;
  // Runs statements that return nothing; returns the affected rows where the
  // driver says, else -1. Errors as open(); a missing right or wrong SQL is
  // kPermanent, a serialization failure, a lost connection or a full disk
  // kTransient; kAlreadyExists: a unique key comes twice (PostgreSQL).
  virtual base::Result<std::int64_t> execute(std::string_view sql) = 0;
  // The whole answer; for small answers.
  virtual base::Result<std::shared_ptr<arrow::Table>> query(std::string_view sql) = 0;
  // The answer batch by batch; `sink` may stop it with an Error.
  virtual base::Status stream(
      std::string_view sql, const std::function<base::Status(const arrow::RecordBatch&)>& sink) = 0;
  // Appends the rows to a table that exists (a temporary one where
  // `temporary`), column by name: the rows' columns are the table's, in any
  // order, with the Arrow types of columnar::arrow_type; a json column of the
  // rows goes into a column of the string type. An Error that `rows` gives
  // arrives as kTransient; a caller that wants its own kind back remembers it.
  virtual base::Result<std::int64_t> append(std::string_view table, bool temporary,
                                            std::shared_ptr<arrow::RecordBatchReader> rows) = 0;
  virtual base::Status begin() = 0;
  virtual base::Status commit() = 0;
  virtual base::Status rollback() = 0;
};

// Pure. Whether open() failed because another process holds the DuckDB file:
// waiting may help.
bool is_file_held(const base::Error& error);
// Pure. An SQL identifier, quoted: "order""s".
std::string quote_identifier(std::string_view name);
// Pure. An SQL text literal, quoted, for both dialects
// (standard_conforming_strings).
std::string quote_literal(std::string_view text);
// Pure. The column type of docs/formats/types.md in a dialect.
std::string sql_type(base::ColumnType type, Dialect dialect);

}  // namespace ashore::warehouse
