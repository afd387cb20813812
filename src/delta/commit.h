// Commits one version to a Delta log: one file, created only if it does not exist.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "delta/snapshot.h"

namespace ashore::delta {

struct Transaction {
  std::string app_id;        // "ashore/<pipeline>"
  std::int64_t version = 0;  // landing start, µs
};

// What a table is: part of its first version and of each that changes the schema.
struct CommitMetadata {
  std::string table_id;
  std::string table_name;
  base::Schema schema;
  std::vector<std::string> partition_columns;
  std::int64_t created_ms = 0;
  std::map<std::string, std::string> configuration;  // of the base, kept
};

// A failed check in spite of which the run was published.
struct CommitOverride {
  std::string table;
  std::string check;
  std::string reason;
};

struct Commit {
  std::int64_t version = 0;  // 0 makes the table
  base::Timestamp time{};
  std::string operation = "MERGE";  // commitInfo.operation
  std::string run_id;               // commitInfo.ashoreRunId
  std::string engine;               // commitInfo.engineInfo: "ashore/0.1.0"
  // commitInfo.ashoreOverrides: of the whole run, whichever table they are about.
  std::vector<CommitOverride> overrides;
  // With version 0, or when the schema changes: protocol (version 0 only) and metaData.
  using Metadata = CommitMetadata;
  std::optional<Metadata> metadata;
  std::optional<Transaction> transaction;
  std::vector<AddFile> add;
  std::vector<AddFile> remove;  // as they stood in the base snapshot
};

// Pure. The log file's bytes: one JSON action a line, in a fixed order; same input, same bytes.
// Written on up to `threads` threads. No path may be both added and removed (asserted).
std::string commit_json(const Commit& commit, int threads = 1);

// Pure. The reverse of commit_json() for a file that ashore wrote, but for operation, engine and
// overrides;
// removed files have only path, partition values and bytes. `version` is not in the text: the
// caller knows it. kPermanent: as read_snapshot() of such a log, or a
// time before 1970 or past the year 9999.
base::Result<Commit> parse_commit(std::string_view text, std::int64_t version);

// Writes the log file; durable when it returns. kAlreadyExists: another commit took this version
// (the base is no longer current).
base::Status write_commit(io::ObjectStore& store, const std::string& table_folder,
                          const Commit& commit);

}  // namespace ashore::delta
