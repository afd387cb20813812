// TableLogs remembers what one process has read of its tables' logs, for the stages that follow.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "delta/snapshot.h"
#include "io/object_store.h"

namespace ashore::delta {

// The log entry of a table's version.
struct VersionEntry {
  std::int64_t version = -1;  // -1: the table does not exist, and the rest is empty
  std::string sha256;         // hex, of the entry's text
  std::string run_id;         // who committed it; "": another program
};

// A log's entries never change once they are written, so that each is read once, and a version
// after one that is known is made from that. What versions there are is asked each time. The store
// outlives it. Threads: one.
class TableLogs {
 public:
  // Large entries are parsed on up to `threads` threads.
  explicit TableLogs(io::ObjectStore& store, int threads = 1) : store_(store), threads_(threads) {}

  // The newest version of a table (by its name), or nullptr where there is no log. Errors as
  // read_snapshot().
  base::Result<std::shared_ptr<const Snapshot>> newest(const std::string& table);
  // A table as it was at a version. Errors as read_snapshot_at().
  base::Result<std::shared_ptr<const Snapshot>> at(const std::string& table, std::int64_t version);
  // Errors as ObjectStore::read.
  base::Result<VersionEntry> entry(const std::string& table, std::int64_t version);

 private:
  struct Known {
    std::shared_ptr<Snapshot> snapshot;  // read last; never changed while others hold it
    std::map<std::int64_t, VersionEntry> entries;
  };

  io::ObjectStore& store_;
  int threads_;
  std::map<std::string, Known> known_;  // by table
};

}  // namespace ashore::delta
