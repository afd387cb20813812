// Replay proves that the published tables are what the landed pages make of them.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "delta/snapshot.h"
#include "run/options.h"
#include "state/run_context.h"

namespace ashore::rebuild {

// One thing that is not as the landings make it.
struct Difference {
  std::string table;
  std::string partition;  // its folder, "p_day=2022-11-01"; "" where it is the table as a whole
  std::string file;       // the published file, or the one that should be there; "" likewise
  std::string what;

  friend bool operator==(const Difference&, const Difference&) = default;
};

// Pure. Schema, partitioning and files (path, bytes, rows, rows digest) of a published version
// against those of one built anew; in order of path.
std::vector<Difference> compare_snapshots(const std::string& table,
                                          const delta::Snapshot& published,
                                          const delta::Snapshot& rebuilt);

struct ReplayedTable {
  std::string table;
  std::int64_t version = -1;  // published
  std::int64_t rows = 0;
  std::int64_t files = 0;
};
struct Replayed {
  std::int64_t landings = 0;
  std::vector<ReplayedTable> tables;
  std::vector<Difference> differences;  // none: equal

  [[nodiscard]] bool is_equal() const { return differences.empty(); }
};

// Takes the lock, builds the current version of every table again from raw, without network, and
// compares: the same paths, and on the disk the same bytes. Changes nothing but the scratch. Errors
// as read_history() and build_tables(); kNotFound: nothing is published.
base::Result<Replayed> replay(const config::Pipeline& pipeline, const run::Options& options,
                              const state::RunContext& context);

}  // namespace ashore::rebuild
