// The commands that go back to raw: replay, reconcile, rollback, quarantine, run --from-raw.
#pragma once

#include "base/result.h"
#include "cli/arguments.h"

namespace ashore::cli {

// Each prints its result and returns the exit code; an Error is printed by the caller.
base::Result<int> run_replay(const Arguments& arguments);
base::Result<int> run_reconcile(const Arguments& arguments);
base::Result<int> run_from_raw(const Arguments& arguments);
base::Result<int> run_rollback(const Arguments& arguments);
base::Result<int> run_quarantine(const Arguments& arguments);

}  // namespace ashore::cli
