// What reconcile found, as people read it and as JSON.
#pragma once

#include <string>

#include "reconcile/reconcile.h"

namespace ashore::cli {

// Pure. "equal: ..." or "different: ...", a table of what was compared, then each finding on a line
// of its own and what to do.
std::string reconcile_text(const reconcile::Reconciled& result);
// Pure. One JSON object on one line: equal, tables, compared, raw, source, findings, not_compared,
// repaired.
std::string reconcile_json(const reconcile::Reconciled& result);

}  // namespace ashore::cli
