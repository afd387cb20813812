// Scope is the part of a table that a load looks at: all of it, some partitions, or a date range.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "load/published_table.h"
#include "warehouse/connection.h"

namespace ashore::load {

struct Scope {
  enum class Kind { kAll, kPartitions, kRange };
  Kind kind = Kind::kAll;
  std::string column;                               // kPartitions, kRange: the partition column
  std::set<std::optional<std::string>> partitions;  // kPartitions; nothing is null
  // kRange: first days of partitions, start included, end not.
  std::optional<base::Date> start;
  std::optional<base::Date> end;

  // Pure. Whether rows of this partition value are looked at.
  [[nodiscard]] bool contains(const std::optional<std::string>& value) const;
};

// The partitions that any version after `held_version` added files to or removed files from, up to
// the published one. All where the log does not reach back, where more than 32 versions lie
// between, where columns changed and where the table is not partitioned. Each version is looked at,
// not only both ends: a destination may hold rows of a version between (a range load).
// Errors as delta::read_snapshot_at() but kNotFound.
base::Result<Scope> scope_since(io::ObjectStore& store, const PublishedTable& table,
                                std::int64_t held_version);

// Pure. The partitions that overlap the window. kPermanent: the table is not partitioned by date.
base::Result<Scope> scope_of_range(const config::Pipeline& pipeline, const PublishedTable& table,
                                   const base::Window& window);

// The partitions whose rows are not the same here and in the destination's table (`name` as in
// statements), nothing where none differs; all where the table is not partitioned. Hashes of rows
// are summed: by the server, where it hashes as this program does (PostgreSQL 14 and later), else
// both sides' rows stream through this process. Memory is bounded by the partitions.
// Errors as PublishedRows::failure() and Connection::stream().
base::Result<std::optional<Scope>> scope_of_differences(io::ObjectStore& store,
                                                        const PublishedTable& table,
                                                        warehouse::Connection& connection,
                                                        const std::string& name,
                                                        const std::stop_token& stop);

// Pure. The table's files inside and outside of a scope; pointers into the table's snapshot.
struct ScopeFiles {
  std::vector<const delta::AddFile*> inside;
  std::vector<const delta::AddFile*> outside;
};
ScopeFiles files_of(const PublishedTable& table, const Scope& scope);

}  // namespace ashore::load
