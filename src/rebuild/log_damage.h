// Finds damaged log files of published tables and sets them aside once the tables are built again.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "run/history.h"

namespace ashore::rebuild {

struct LogDamage {
  run::GoodVersions good_versions;               // of tables with a damaged log
  std::map<std::string, std::string> table_ids;  // theirs, where a log file or a candidate tells it
};

// Looks through the logs of a pipeline's tables for files that are empty, cut, not JSON or missing
// amid others. kPermanent: another program committed a version behind the damage, which no landing
// holds; with `force` that is no error.
base::Result<LogDamage> find_log_damage(io::ObjectStore& store, const config::Pipeline& pipeline,
                                        bool force);

// Moves the log files from the first damaged one on to stage/.evidence/<table>/.
base::Status set_aside(io::ObjectStore& store, const LogDamage& damage, base::EventSink& events);

}  // namespace ashore::rebuild
