// What replays found, as people read it and as JSON.
#pragma once

#include <string>

#include "rebuild/replay.h"
#include "run/from_raw.h"

namespace ashore::cli {

// Pure. "equal: ...", or each difference on a line of its own.
std::string replay_text(const rebuild::Replayed& replayed);
// Pure. One JSON object on one line: equal, landings, tables, differences.
std::string replay_json(const rebuild::Replayed& replayed);

// Pure. One JSON object on one line: status, exit_code, error, passed_over and the reports of the
// runs.
std::string from_raw_json(const run::FromRaw& result);

}  // namespace ashore::cli
