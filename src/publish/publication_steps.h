// The steps of a publication after its intent is recorded; each can be done again.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "delta/commit.h"
#include "io/object_store.h"

namespace ashore::publish {

enum class CommitOutcome {
  kCommitted,  // now or earlier, by these very bytes
  kLost,       // somebody else took the version, or staged files are gone
};

// One table's part of a publication.
struct TablePart {
  std::string table;
  delta::Commit commit;
  std::string commit_text;    // the log file's bytes
  std::string commit_sha256;  // of them, hex
  std::int64_t rows = 0;      // of the table after the commit
  // What must be moved from below the table's staged folder, relative to it: inspect_staged() finds
  // it. Nothing on an object storage.
  std::unordered_set<std::string> staged;
  std::optional<CommitOutcome> outcome;  // once it is known
};

// Where a run's staged log file lies: "stage/.staged/<run id>/.commit/<table>.json". On an object
// storage the digest of its bytes is part of the name: another process may still read the one of
// an earlier try.
std::string staged_commit_path(const io::ObjectStore& store, const std::string& run_id,
                               const TablePart& part);

// Fills `part->staged` with what lies staged for the table. Returns a file that the commit adds and
// that, with its size, is neither staged nor in place, or "".
base::Result<std::string> inspect_staged(io::ObjectStore& store, const std::string& run_id,
                                         TablePart* part);

// Pure. Fills `part->staged` with all that the commit adds, without looking: for who staged it on a
// disk.
void take_as_staged(TablePart* part);

// Whether the version is taken, and by whom; nothing where it is free.
base::Result<std::optional<CommitOutcome>> find_commit(io::ObjectStore& store,
                                                       const TablePart& part);

// Moves the staged files of all parts into place (on a disk), makes them durable by one call, then
// commits part after part, and undoes those that are lost. Every part has its outcome when this
// returns success; those that had one are not touched, but undone if lost (on a disk: elsewhere a
// file may by now belong to another's candidate, and vacuum removes what nobody named). Emits
// TablePublished for each that is committed.
base::Status commit_parts(io::ObjectStore& store, const std::string& run_id,
                          std::vector<TablePart>* parts, base::EventSink& events);

// Removes the files that committed parts superseded, but none that the latest snapshot names.
base::Status delete_superseded(io::ObjectStore& store, const std::vector<TablePart>& parts);

}  // namespace ashore::publish
