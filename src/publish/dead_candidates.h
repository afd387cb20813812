// Staged files that no publication will ever take: what dead merges and overtaken candidates left.
#pragma once

#include <string_view>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::publish {

// Removes the staged folder of each run whose merge did not end, and of each whose candidate was
// made from a version that is no longer current: it must be merged again anyway. Blocked candidates
// on the current version stay. On an object storage does nothing: vacuum does, when they are old.
// `kept_run` is not looked at: "", or a run that is being published. Precondition: the caller holds
// the lock, so that nobody merges.
base::Status remove_dead_candidates(io::ObjectStore& store, std::string_view kept_run = {});

}  // namespace ashore::publish
