// Snapshot is one version of a Delta table: its schema and the files that hold its rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/schema.h"
#include "io/object_store.h"

namespace ashore::delta {

// An `add` action. Partition values are the protocol's strings; nothing is a null value.
struct AddFile {
  std::string path;  // relative to the table's folder, not percent-encoded
  std::vector<std::pair<std::string, std::optional<std::string>>> partition_values;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;                    // numRecords of stats
  std::int64_t modified_ms = 0;             // modificationTime
  std::string stats_json;                   // the stats text, as in the log
  std::map<std::string, std::string> tags;  // "ashore.rows"

  // The tag that decides "unchanged", or "" for a file that ashore did not write.
  [[nodiscard]] std::string rows_digest() const;
};

struct Snapshot {
  std::int64_t version = -1;
  std::string table_id;  // metaData.id
  base::Schema schema;   // all columns, the partition column included, in table order
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  std::int64_t created_ms = 0;                       // metaData.createdTime
  std::vector<AddFile> files;                        // in bytewise order of path
  std::map<std::string, std::int64_t> transactions;  // txn appId -> version
  std::string last_pipeline;  // <pipeline> of the newest txn with appId "ashore/<pipeline>"; or ""
  std::int64_t rows = 0;      // sum over files
};

// The newest version of the table in `table_folder` ("stage/orders"), or nothing where there is no
// log. kPermanent: a protocol or feature this reader does not know (by name), a log with a gap, a
// line that is not JSON (file and line named). kTransient: I/O.
base::Result<std::optional<Snapshot>> read_snapshot(io::ObjectStore& store,
                                                    const std::string& table_folder);
// The same, as it was at `version`; large log files are parsed on up to `threads` threads.
// kNotFound if the log no longer holds it.
base::Result<Snapshot> read_snapshot_at(io::ObjectStore& store, const std::string& table_folder,
                                        std::int64_t version, int threads = 1);
// The version after `before`, by the log file of that version alone. Errors as read_snapshot_at().
base::Result<Snapshot> read_next_snapshot(io::ObjectStore& store, const std::string& table_folder,
                                          Snapshot before);

// The newest version that the log holds, by listing alone; -1 where there is no log. kPermanent: a
// log with a gap or without its beginning.
base::Result<std::int64_t> newest_version(io::ObjectStore& store, const std::string& table_folder);

// Pure. The log file of a version: "<table_folder>/_delta_log/00000000000000000007.json".
std::string log_path(const std::string& table_folder, std::int64_t version);

}  // namespace ashore::delta
