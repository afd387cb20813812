// What replays found, as people read it and as JSON.
#pragma once

#include <string>

#include "pipeline/replay.h"

namespace ashore::cli {

// Pure. "equal: ...", or each difference on a line of its own.
std::string replay_text(const pipeline::Replayed& replayed);
// Pure. One JSON object on one line: equal, landings, tables, differences.
std::string replay_json(const pipeline::Replayed& replayed);

}  // namespace ashore::cli
