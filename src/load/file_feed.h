// FileFeed reads one large data file on a thread of its own, a little ahead of who takes its rows,
// so that the file is decoded while the database takes what came before.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "delta/rows.h"
#include "io/object_store.h"

namespace ashore::load {

// Memory: a few pieces of some thousand rows. Threads: one takes rows. The destructor stops reading
// and waits for its end.
class FileFeed {
 public:
  // `store` and what `data` refers to must outlive it.
  FileFeed(io::ObjectStore& store, const delta::DataFile& data, std::vector<std::string> columns);
  ~FileFeed();
  FileFeed(const FileFeed&) = delete;
  FileFeed& operator=(const FileFeed&) = delete;

  // The next rows; nullptr at the end. Errors as delta::visit_rows().
  base::Result<std::shared_ptr<arrow::Table>> next();

 private:
  void read(io::ObjectStore& store, const delta::DataFile& data,
            const std::vector<std::string>& columns, const std::stop_token& stop);
  base::Status give(const std::shared_ptr<arrow::Table>& rows, const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // All guarded by mutex_.
  std::deque<std::shared_ptr<arrow::Table>> pieces_;
  std::optional<base::Status> end_;  // how reading ended
  std::jthread reader_;              // last: it uses all of the above
};

}  // namespace ashore::load
