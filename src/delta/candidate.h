// A candidate is what a table would be: a base version, files to add and to remove, and counts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/schema.h"
#include "delta/snapshot.h"
#include "delta/table_logs.h"
#include "io/object_store.h"
#include "state/summary.h"

namespace ashore::delta {

// A new file, staged below stage/.staged/<run id>/<table>/ at the same relative path that it will
// have below the table's folder.
struct TableCandidate {
  std::string table;
  std::string table_id;            // of the base, or the id that a new table gets
  std::int64_t base_version = -1;  // -1: the table does not exist
  base::Schema schema;
  std::vector<std::string> partition_columns;
  // metaData is part of the commit: the table is new, or gets new nullable columns. A table that
  // does not exist is made (even without rows) as soon as any table of the run changes, so that
  // readers find all of a pipeline's tables or none.
  bool changes_schema = false;
  std::vector<AddFile> add;
  std::vector<AddFile> remove;
  state::TableCounts counts;

  [[nodiscard]] bool is_unchanged() const {
    return !changes_schema && add.empty() && remove.empty();
  }
};

// All tables of one run, parents before children.
struct Candidate {
  std::string run_id;
  std::int64_t landing_us = 0;  // for Transaction::version
  std::vector<TableCandidate> tables;
};

// Pure. JSON (docs/formats/candidate.md), written on up to `threads` threads.
std::string candidate_json(const Candidate& candidate, int threads = 1);
// Pure. Large texts are better moved in: it is parsed where it lies. kPermanent: not such JSON.
base::Result<Candidate> parse_candidate(std::string text);

// The rows of a candidate table as it would be: files of the base that stay, then staged ones, as
// paths relative to the data folder.
struct CandidateFile {
  std::string path;
  const AddFile* file = nullptr;  // of the base or of the candidate
};
struct CandidateFiles {
  std::shared_ptr<const Snapshot> base;  // nullptr: the table does not exist
  std::vector<CandidateFile> files;      // of the base and of the candidate, which outlives them
};
// Errors as read_snapshot_at().
base::Result<CandidateFiles> candidate_files(const io::ObjectStore& store, TableLogs& logs,
                                             const std::string& run_id,
                                             const TableCandidate& table);

}  // namespace ashore::delta
