// Publish turns a candidate that passed into one Delta version per table, atomically.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "config/pipeline.h"
#include "delta/candidate.h"
#include "io/object_store.h"
#include "publish/options.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "state/summary.h"

namespace ashore::publish {

struct PublishedTable {
  std::string table;
  std::string table_id;
  std::int64_t version = 0;
  std::int64_t rows = 0;  // 0 where no table changed
  bool changed = false;
};
struct Publication {
  std::vector<PublishedTable> tables;
  state::Manifest manifest;  // runs/<id>/publish.manifest.json: the log files written
  state::Summary summary;
};

// Precondition: the caller holds the lock, where there is one, and the verdict passed. Records its
// intent, moves staged files into place, commits each table's log file, deletes superseded files
// (retain: 0s). An intent that another process left is finished first. On an object storage, which
// has no lock, whoever puts the next intent publishes: nothing moves and nothing is deleted there,
// and the base is looked at between the last intent and one's own. Errors:
//   kAlreadyExists a table's current version is not the candidate's base: merge again; a newer
//                  landing is published, without force: land again
//   kPermanent     a table is another pipeline's (asked where the candidate changes any table);
//                  staged file missing
//   kTransient     I/O: the intent stays and the next publication or run finishes it; others
//                  published first, a hundred times
base::Result<Publication> publish(const config::Pipeline& pipeline, const state::Manifest& audited,
                                  const Options& options, const state::RunContext& context);

// Finishes or undoes an intent that another process left, then removes candidates that nobody
// will publish (dead_candidates.h). Precondition: the caller holds the lock, where there is one.
// Returns the run whose publication it finished, or "".
base::Result<std::string> finish_intent(const state::RunContext& context);

// Makes the folders of all tables below stage/ equal to their logs, for plain readers: data files
// that the newest version does not name are moved to stage/.evidence/<table>/, so is a record of an
// interrupted publication that cannot be read. On an object storage data files stay: nobody can
// tell what is another's candidate. Precondition: the caller holds the lock, where there is one.
// kPermanent: a file that the log names is gone (the first is named), after all else is done; as
// delta::read_snapshot.
base::Status follow_logs(const state::RunContext& context);
// The same for one table.
base::Status follow_log(const std::string& table, const state::RunContext& context);

// Moves a file to stage/.evidence/<table>/, under its name, or one of its own where that is taken.
base::Status keep_as_evidence(io::ObjectStore& store, const std::string& table,
                              const std::string& path);

// Finds, in order of path: below each table's folder the files that the latest version does not
// have and that were superseded before `before` (or, where no commit superseded them, last written
// before it); attempts of landings below raw/ last written before it; and what writers that died
// left aside. On an object storage, where somebody may be merging, whatever goes was also written
// before it. Log files, landings, blocked candidates and staged windows are never among them.
// Precondition: the caller holds the lock and has finished any intent. Changes nothing. Errors as
// delta::read_snapshot; a log that another program wrote in a form this reader does not know is
// kPermanent.
base::Result<std::vector<io::ObjectInfo>> find_vacuumed(io::ObjectStore& store,
                                                        base::Timestamp before);

}  // namespace ashore::publish
