// Publish turns a candidate that passed into one Delta version a table, atomically.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "delta/candidate.h"
#include "io/env.h"
#include "io/object_store.h"
#include "publish/options.h"
#include "spec/pipeline.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::publish {

struct PublishedTable {
  std::string table;
  std::string table_id;
  std::int64_t version = 0;
  std::int64_t rows = 0;
  bool changed = false;
};
struct Publication {
  std::vector<PublishedTable> tables;
  state::Manifest manifest;  // runs/<id>/publish.manifest.json: the log files written
  state::Summary summary;
};

// Precondition: the caller holds the lock and the verdict passed. Records its intent, moves staged
// files into place, commits each table's log file, deletes superseded files (retain: 0s). An
// intent that an earlier process left is finished first. Errors:
//   kAlreadyExists a table's current version is not the candidate's base: merge again
//   kPermanent     an older landing than the published one without force; staged file missing
//   kTransient     I/O: the intent stays and the next publication or run finishes it
base::Result<Publication> publish(const spec::Pipeline& pipeline, const state::Manifest& audited,
                                  const Options& options, io::Env& env, base::EventSink& events,
                                  const std::stop_token& stop);

// Finishes or undoes an intent that an earlier process left, then removes candidates that nobody
// will publish (dead_candidates.h). Precondition: the caller holds the lock. Returns the run whose
// publication it finished, or "".
base::Result<std::string> finish_intent(io::Env& env, base::EventSink& events);

// Finds, in order of path: below each table's folder the files that the latest version does not
// have and that were superseded before `before` (or, where no commit superseded them, last written
// before it); attempts of landings below raw/ last written before it; and what writers that died
// left aside. Log files, landings, held candidates and staged windows are never among them.
// Precondition: the caller holds the lock and has finished any intent. Changes nothing. Errors as
// delta::read_snapshot; a log that another program wrote in a form this reader does not know is
// kPermanent.
base::Result<std::vector<io::ObjectInfo>> find_vacuumed(io::ObjectStore& store,
                                                        base::Timestamp before);

}  // namespace ashore::publish
