// OpenedAhead opens a database on a thread of its own, before somebody needs it.
#pragma once

#include <future>
#include <memory>
#include <thread>

#include "base/result.h"
#include "warehouse/connection.h"

namespace ashore::warehouse {

// Binding DuckDB's library and opening a database takes as long as merging a small window. Threads:
// one at a time.
class OpenedAhead {
 public:
  // Begins at once.
  explicit OpenedAhead(ConnectOptions options);

  // Waits for it; called once. Errors as Connection::open().
  base::Result<std::unique_ptr<Connection>> take();

 private:
  std::future<base::Result<std::unique_ptr<Connection>>> opened_;
  std::jthread opener_;
};

}  // namespace ashore::warehouse
