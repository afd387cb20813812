// What a candidate builds on, kept beside it, so that a later run can tell whether the tables are
// still as the run of that candidate left them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/candidate.h"
#include "delta/table_logs.h"
#include "io/object_store.h"

namespace ashore::delta {

struct TableBasis {
  std::string table;
  std::string table_id;
  VersionEntry base;     // run_id is not kept
  bool changes = false;  // the run makes the next version of the table
};

struct Basis {
  std::string run_id;
  std::string pipeline_sha256;
  std::vector<TableBasis> tables;

  // That of a table, or nullptr.
  [[nodiscard]] const TableBasis* table(std::string_view name) const;
};

// The entries of the versions on which the tables of a candidate build, in their order. Errors as
// ObjectStore::read.
base::Result<std::vector<VersionEntry>> read_base_entries(TableLogs& logs,
                                                          const Candidate& candidate);

// Writes runs/<run id>/basis.json (docs/formats/verdict.md), not durable. `bases`: those of
// read_base_entries(). Errors as ObjectStore::write.
base::Status write_basis(io::ObjectStore& store, const std::string& pipeline_sha256,
                         const Candidate& candidate, const std::vector<VersionEntry>& bases);

// Nothing where there is none or it cannot be read: it only ever saves work.
std::optional<Basis> read_basis(io::ObjectStore& store, const std::string& run_id);

// Pure. Whether `entry` is the version at which the run of the basis leaves the table once it is
// published. A restored backup may reach a version by other commits, so its text or its author
// decides.
bool is_left_at(const Basis& basis, const TableBasis& table, const VersionEntry& entry);

}  // namespace ashore::delta
