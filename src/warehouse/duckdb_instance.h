// DuckDbInstance is one DuckDB in this process, to which database files are attached in turn.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "warehouse/adbc_session.h"
#include "warehouse/connection.h"

namespace ashore::warehouse {

// An instance takes ten times as long to make as a file to attach to it. It is in memory, and
// empty. Threads: one at a time.
class DuckDbInstance {
 public:
  // Pure. Whether a file can be attached: an absolute path, and not named like a database that each
  // instance has.
  static bool can_attach(const std::string& path);

  // Begins to make the instance, on a thread of its own; options.driver_folder, memory_bytes_max
  // and threads are the instance's. Called again it does nothing.
  void open_ahead(const ConnectOptions& options);

  // A session on the file `options.path`, which is attached until the session ends. Makes the
  // instance where nobody has; memory_bytes_max and threads hold from now on. It spills beside the
  // file; to another place only where it has not spilled yet. Precondition:
  // can_attach(options.path), and the session before has ended. Errors as Connection::open().
  base::Result<std::unique_ptr<Connection>> attach(const ConnectOptions& options);

 private:
  base::Status open(const ConnectOptions& options);
  base::Status configure(const ConnectOptions& options, AdbcSession& session);

  std::future<base::Result<std::unique_ptr<AdbcSession>>> opening_;
  std::unique_ptr<AdbcSession> first_;  // keeps the instance
  std::string spill_folder_ = {};
  std::jthread opener_;
};

// A session of an instance of its own on options.path. Errors as Connection::open().
base::Result<std::unique_ptr<AdbcSession>> open_duckdb(const ConnectOptions& options);

}  // namespace ashore::warehouse
