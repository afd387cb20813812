// Calls the driver manager.
// Calls the driver manager; every handle has an owner and every failure becomes
// an Error.
#include "warehouse/adbc_session.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/util/key_value_metadata.h>

#include <cstring>

#include "warehouse/duckdb_errors.h"
#include "warehouse/limited_rows.h"
#include "warehouse/postgres_errors.h"
#include "warehouse/postgres_url.h"
#include "warehouse/reordered_rows.h"

namespace ashore::warehouse {

namespace {

// What DuckDB's appender is given at once.
constexpr std::int64_t kAppendBytesMax = std::int64_t{8} << 20;

using base::Result;
using base::Status;

// Owns what a driver says of a failure.
class CallError {
 public:
  CallError() = default;
  ~CallError() {
    if (error_.release != nullptr) error_.release(&error_);
  }
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;

  AdbcError* out() { return &error_; }
  [[nodiscard]] const AdbcError& get() const { return error_; }

 private:
  AdbcError error_{};
};

// Owns a statement of a connection that outlives it.
class StatementHandle {
 public:
  StatementHandle() = default;
  ~StatementHandle() {
    CallError ignored;
    if (statement_.private_data != nullptr) AdbcStatementRelease(&statement_, ignored.out());
  }
  StatementHandle(const StatementHandle&) = delete;
  StatementHandle& operator=(const StatementHandle&) = delete;

  AdbcStatement* get() { return &statement_; }

 private:
  AdbcStatement statement_{};
};

// Owns an answer that nobody imported.
class StreamHandle {
 public:
  StreamHandle() = default;
  ~StreamHandle() {
    if (stream_.release != nullptr) stream_.release(&stream_);
  }
  StreamHandle(const StreamHandle&) = delete;
  StreamHandle& operator=(const StreamHandle&) = delete;

  ArrowArrayStream* get() { return &stream_; }

 private:
  ArrowArrayStream stream_{};
};

std::string_view message_of(const AdbcError& error) {
  return error.message == nullptr ? "the driver does not say why" : error.message;
}

std::string_view sqlstate_of(const AdbcError& error) {
  return {error.sqlstate, strnlen(error.sqlstate, sizeof error.sqlstate)};
}

// PostgreSQL's json and numeric arrive as extension types; readers of answers
// want their storage.
std::shared_ptr<arrow::RecordBatch> without_extensions(const arrow::RecordBatch& batch) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  auto columns = batch.columns();
  for (int index = 0; index < batch.num_columns(); ++index) {
    auto& column = columns[static_cast<std::size_t>(index)];
    if (column->type_id() == arrow::Type::EXTENSION) {
      column = static_cast<const arrow::ExtensionArray&>(*column).storage();
    }
    fields.push_back(arrow::field(batch.schema()->field(index)->name(), column->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                  std::move(columns));
}

// DuckDB answers a statement that changes rows with one row, "Count".
Result<std::int64_t> count_of(const arrow::RecordBatch& batch) {
  const auto column = batch.GetColumnByName("Count");
  if (column == nullptr || column->type_id() != arrow::Type::INT64 || column->length() != 1) {
    return std::int64_t{-1};
  }
  return static_cast<const arrow::Int64Array&>(*column).Value(0);
}

}  // namespace

base::Error missing_driver(std::string_view message) {
  return base::permanent("cannot load database driver: " +
                         std::string(message.substr(0, message.find('\n'))))
      .with_remedy("Install ashore again: its drivers lie beside it");
}

Result<std::unique_ptr<AdbcSession>> AdbcSession::open(Driver driver) {
  std::unique_ptr<AdbcSession> session(new AdbcSession(std::move(driver)));
  TRY(session->reach("connect", ""));
  TRY(session->open_database());
  TRY(session->connect());
  return session;
}

Result<std::unique_ptr<AdbcSession>> AdbcSession::another() const {
  std::unique_ptr<AdbcSession> session(new AdbcSession(driver_));
  TRY(session->reach("connect", ""));
  session->database_ = database_;
  TRY(session->connect());
  return session;
}

AdbcSession::~AdbcSession() {
  if (!attached_.empty()) detach();
  CallError ignored;
  if (connection_.private_data != nullptr) AdbcConnectionRelease(&connection_, ignored.out());
}

Status AdbcSession::open_database() {
  database_ = std::shared_ptr<AdbcDatabase>(new AdbcDatabase{}, [](AdbcDatabase* database) {
    CallError ignored;
    if (database->private_data != nullptr) AdbcDatabaseRelease(database, ignored.out());
    delete database;
  });
  CallError error;
  if (AdbcDatabaseNew(database_.get(), error.out()) != ADBC_STATUS_OK) return failure(error.get());
  if (driver_.init != nullptr &&
      AdbcDriverManagerDatabaseSetInitFunc(database_.get(), driver_.init, error.out()) !=
          ADBC_STATUS_OK) {
    return failure(error.get());
  }
  for (const auto& [name, value] : driver_.options) {
    if (AdbcDatabaseSetOption(database_.get(), name.c_str(), value.c_str(), error.out()) !=
        ADBC_STATUS_OK) {
      return failure(error.get());
    }
  }
  if (AdbcDatabaseInit(database_.get(), error.out()) != ADBC_STATUS_OK) {
    return connect_failure(error.get());
  }
  return {};
}

Status AdbcSession::connect() {
  CallError error;
  if (AdbcConnectionNew(&connection_, error.out()) != ADBC_STATUS_OK ||
      AdbcConnectionInit(&connection_, database_.get(), error.out()) != ADBC_STATUS_OK) {
    return connect_failure(error.get());
  }
  return {};
}

Status AdbcSession::attach(const std::string& path, bool read_only) {
  const std::string how = read_only ? " (READ_ONLY)" : "";
  TRY(execute("ATTACH " + quote_literal(path) + how));
  TRY(const auto names, query("SELECT database_name FROM duckdb_databases() "
                              "WHERE NOT internal AND database_name <> 'memory'"));
  if (names->num_rows() != 1) return base::bug("not one file is attached to DuckDB");
  const auto name = names->column(0)->GetScalar(0);
  if (!name.ok()) return stream_failure(name.status().message());
  attached_ = (*name)->ToString();
  TRY(execute("USE " + quote_identifier(attached_)));
  return {};
}

// What fails here leaves the file attached until the last session of the database ends.
void AdbcSession::detach() {
  CallError ignored;
  (void)AdbcConnectionRollback(&connection_, ignored.out());
  (void)set_autocommit(true);
  (void)execute("USE memory");
  (void)execute("DETACH " + quote_identifier(attached_));
}

base::Error AdbcSession::connect_failure(const AdbcError& error) const {
  const std::string_view message = message_of(error);
  const bool is_driver_missing = message.find("dlopen") != std::string_view::npos ||
                                 message.find("Could not load") != std::string_view::npos ||
                                 message.find("dlsym") != std::string_view::npos;
  if (is_driver_missing) return missing_driver(message);
  if (driver_.dialect == Dialect::kDuckDb) return duckdb_error(message);
  return postgres_connect_error(without_secrets(std::string(message), driver_.url));
}

base::Error AdbcSession::failure(const AdbcError& error) const {
  if (driver_.dialect == Dialect::kDuckDb) return duckdb_error(message_of(error));
  return postgres_statement_error(without_secrets(std::string(message_of(error)), driver_.url),
                                  sqlstate_of(error));
}

// Where rows stop coming in the middle of an answer there is only Arrow's text.
base::Error AdbcSession::stream_failure(std::string_view message) const {
  if (driver_.dialect == Dialect::kDuckDb) return duckdb_error(message);
  const auto at = message.find("SQLSTATE: ");
  const auto sqlstate =
      at == std::string_view::npos ? std::string_view() : message.substr(at + 10, 5);
  return postgres_statement_error(without_secrets(std::string(message), driver_.url), sqlstate);
}

Status AdbcSession::reach(std::string_view call, std::string_view subject) const {
  const int code = driver_.faults == nullptr ? 0 : driver_.faults->reach(call, subject);
  if (code == 0) return {};
  return base::transient("connection to the database lost: " + std::string(std::strerror(code)));
}

Result<std::int64_t> AdbcSession::execute(std::string_view sql) {
  TRY(reach("sql", sql));
  StatementHandle statement;
  CallError error;
  StreamHandle answer;
  std::int64_t rows = -1;
  if (AdbcStatementNew(&connection_, statement.get(), error.out()) != ADBC_STATUS_OK ||
      AdbcStatementSetSqlQuery(statement.get(), std::string(sql).c_str(), error.out()) !=
          ADBC_STATUS_OK) {
    return failure(error.get());
  }
  // PostgreSQL counts rows only where no answer is asked for, DuckDB only in
  // the answer.
  const bool has_answer = driver_.dialect == Dialect::kDuckDb;
  if (AdbcStatementExecuteQuery(statement.get(), has_answer ? answer.get() : nullptr, &rows,
                                error.out()) != ADBC_STATUS_OK) {
    return failure(error.get());
  }
  if (!has_answer) return rows;
  auto reader = arrow::ImportRecordBatchReader(answer.get());
  if (!reader.ok()) return stream_failure(reader.status().message());
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto read = (*reader)->ReadNext(&batch);
    if (!read.ok()) return stream_failure(read.message());
    if (batch == nullptr) return rows;
    TRY(rows, count_of(*batch));
  }
}

Status AdbcSession::stream(std::string_view sql,
                           const std::function<Status(const arrow::RecordBatch&)>& sink) {
  TRY(reach("sql", sql));
  StatementHandle statement;
  CallError error;
  StreamHandle answer;
  if (AdbcStatementNew(&connection_, statement.get(), error.out()) != ADBC_STATUS_OK ||
      AdbcStatementSetSqlQuery(statement.get(), std::string(sql).c_str(), error.out()) !=
          ADBC_STATUS_OK ||
      AdbcStatementExecuteQuery(statement.get(), answer.get(), nullptr, error.out()) !=
          ADBC_STATUS_OK) {
    return failure(error.get());
  }
  auto reader = arrow::ImportRecordBatchReader(answer.get());
  if (!reader.ok()) return stream_failure(reader.status().message());
  bool is_first = true;
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto read = (*reader)->ReadNext(&batch);
    if (!read.ok()) return stream_failure(read.message());
    if (batch == nullptr && !is_first) return {};
    if (batch == nullptr) {  // an answer without rows still says its columns
      auto empty = arrow::RecordBatch::MakeEmpty((*reader)->schema());
      if (!empty.ok()) return stream_failure(empty.status().message());
      return sink(*without_extensions(**empty));
    }
    is_first = false;
    TRY(sink(*without_extensions(*batch)));
  }
}

Result<std::shared_ptr<arrow::Table>> AdbcSession::query(std::string_view sql) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  TRY(stream(sql, [&batches](const arrow::RecordBatch& batch) {
    batches.push_back(arrow::RecordBatch::Make(batch.schema(), batch.num_rows(), batch.columns()));
    return Status();
  }));
  auto table = arrow::Table::FromRecordBatches(batches);
  if (!table.ok()) return stream_failure(table.status().message());
  return table.MoveValueUnsafe();
}

Result<std::shared_ptr<arrow::RecordBatchReader>> AdbcSession::in_table_order(
    std::string_view table, std::shared_ptr<arrow::RecordBatchReader> rows) {
  TRY(const auto empty, query("SELECT * FROM " + quote_identifier(table) + " LIMIT 0"));
  return reordered_rows(std::move(rows), empty->ColumnNames());
}

Result<std::int64_t> AdbcSession::append(std::string_view table, bool temporary,
                                         std::shared_ptr<arrow::RecordBatchReader> rows) {
  TRY(reach("append", table));
  if (driver_.dialect != Dialect::kDuckDb) return ingest(table, temporary, std::move(rows));
  TRY(rows, in_table_order(table, std::move(rows)));
  // DuckDB's appender keeps up to 204,800 rows in memory that its limit does not bound; it lets
  // them go at the end of each statement.
  const auto portions = std::make_shared<LimitedRows>(std::move(rows), kAppendBytesMax);
  std::int64_t appended = 0;
  while (!portions->is_finished()) {
    TRY(const auto count, ingest(table, temporary, portions));
    if (!portions->failure().ok()) return base::transient(portions->failure().message());
    appended = count < 0 || appended < 0 ? -1 : appended + count;
    portions->go_on();
  }
  return appended;
}

Result<std::int64_t> AdbcSession::ingest(std::string_view table, bool temporary,
                                         std::shared_ptr<arrow::RecordBatchReader> rows) {
  StatementHandle statement;
  CallError error;
  if (AdbcStatementNew(&connection_, statement.get(), error.out()) != ADBC_STATUS_OK) {
    return failure(error.get());
  }
  const std::pair<const char*, std::string> options[] = {
      {ADBC_INGEST_OPTION_TARGET_TABLE, std::string(table)},
      {ADBC_INGEST_OPTION_MODE, ADBC_INGEST_OPTION_MODE_APPEND},
      {ADBC_INGEST_OPTION_TEMPORARY,
       temporary ? ADBC_OPTION_VALUE_ENABLED : ADBC_OPTION_VALUE_DISABLED},
      // Whatever the session's search_path names first. A temporary table has a schema of its own.
      {ADBC_INGEST_OPTION_TARGET_DB_SCHEMA,
       !temporary && driver_.dialect == Dialect::kPostgreSql ? "public" : ""},
  };
  for (const auto& [name, value] : options) {
    if (value.empty()) continue;
    if (AdbcStatementSetOption(statement.get(), name, value.c_str(), error.out()) !=
        ADBC_STATUS_OK) {
      return failure(error.get());
    }
  }
  StreamHandle input;
  const auto exported = arrow::ExportRecordBatchReader(std::move(rows), input.get());
  if (!exported.ok()) return base::bug("cannot export rows: " + exported.message());
  std::int64_t count = -1;
  // The statement takes the stream over: its release is set to null here.
  if (AdbcStatementBindStream(statement.get(), input.get(), error.out()) != ADBC_STATUS_OK ||
      AdbcStatementExecuteQuery(statement.get(), nullptr, &count, error.out()) != ADBC_STATUS_OK) {
    return failure(error.get());
  }
  return count;
}

Status AdbcSession::set_autocommit(bool is_on) {
  CallError error;
  const char* value = is_on ? ADBC_OPTION_VALUE_ENABLED : ADBC_OPTION_VALUE_DISABLED;
  if (AdbcConnectionSetOption(&connection_, ADBC_CONNECTION_OPTION_AUTOCOMMIT, value,
                              error.out()) != ADBC_STATUS_OK) {
    return failure(error.get());
  }
  return {};
}

Status AdbcSession::begin() {
  TRY(reach("begin", ""));
  return set_autocommit(false);
}

// ADBC begins the next transaction at once; turning autocommit on ends that
// empty one.
Status AdbcSession::commit() {
  TRY(reach("commit", ""));
  CallError error;
  if (AdbcConnectionCommit(&connection_, error.out()) != ADBC_STATUS_OK) {
    return failure(error.get());
  }
  TRY(reach("commit answer", ""));
  return set_autocommit(true);
}

Status AdbcSession::rollback() {
  TRY(reach("rollback", ""));
  CallError error;
  if (AdbcConnectionRollback(&connection_, error.out()) != ADBC_STATUS_OK) {
    return failure(error.get());
  }
  return set_autocommit(true);
}

}  // namespace ashore::warehouse
