// One ADBC session: what DuckDB and PostgreSQL share behind Connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow-adbc/adbc.h>
#include <arrow-adbc/adbc_driver_manager.h>

#include "base/result.h"
#include "warehouse/connection.h"

namespace ashore::warehouse {

// kPermanent, with what the system says: a driver's library is not there or is none.
base::Error missing_driver(std::string_view message);

class AdbcSession final : public Connection {
 public:
  // What the driver manager is told to open: the driver's own options in order.
  struct Driver {
    Dialect dialect = Dialect::kDuckDb;
    AdbcDriverInitFunc init = nullptr;  // nullptr: the option "driver" names the library
    std::vector<std::pair<std::string, std::string>> options;
    base::Secret url;  // PostgreSQL: kept to take it out of messages
    io::FaultPoints* faults = nullptr;
  };

  // Errors as Connection::open().
  static base::Result<std::unique_ptr<AdbcSession>> open(Driver driver);
  ~AdbcSession() override;
  AdbcSession(const AdbcSession&) = delete;
  AdbcSession& operator=(const AdbcSession&) = delete;

  // Another session of the same database, which lives as long as one of them. Errors as open().
  [[nodiscard]] base::Result<std::unique_ptr<AdbcSession>> another() const;
  // DuckDB: the file becomes what statements mean, until the session ends; called once. Errors as
  // Connection::open() of the file.
  base::Status attach(const std::string& path, bool read_only);

  [[nodiscard]] Dialect dialect() const override { return driver_.dialect; }
  base::Result<std::int64_t> execute(std::string_view sql) override;
  base::Result<std::shared_ptr<arrow::Table>> query(std::string_view sql) override;
  base::Status stream(std::string_view sql,
                      const std::function<base::Status(const arrow::RecordBatch&)>& sink) override;
  base::Result<std::int64_t> append(std::string_view table, bool temporary,
                                    std::shared_ptr<arrow::RecordBatchReader> rows) override;
  base::Status begin() override;
  base::Status commit() override;
  base::Status rollback() override;

 private:
  explicit AdbcSession(Driver driver) : driver_(std::move(driver)) {}

  base::Status open_database();
  base::Status connect();
  void detach();
  // kTransient where a test wants the connection lost here.
  [[nodiscard]] base::Status reach(std::string_view call, std::string_view subject) const;
  base::Status set_autocommit(bool is_on);
  [[nodiscard]] base::Error connect_failure(const AdbcError& error) const;
  [[nodiscard]] base::Error failure(const AdbcError& error) const;
  [[nodiscard]] base::Error stream_failure(std::string_view message) const;
  // The rows in the order of the table's columns, which DuckDB's appender goes
  // by.
  base::Result<std::shared_ptr<arrow::RecordBatchReader>> in_table_order(
      std::string_view table, std::shared_ptr<arrow::RecordBatchReader> rows);

  // Appends all rows by one statement.
  base::Result<std::int64_t> ingest(std::string_view table, bool temporary,
                                    std::shared_ptr<arrow::RecordBatchReader> rows);

  Driver driver_;
  std::shared_ptr<AdbcDatabase> database_;
  AdbcConnection connection_{};
  std::string attached_ = {};  // what DuckDB calls the attached file; "": none is
};

}  // namespace ashore::warehouse
