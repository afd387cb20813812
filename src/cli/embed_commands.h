// The command that programs call: rows as Arrow IPC streams on stdout.
#pragma once

#include "base/result.h"
#include "cli/arguments.h"

namespace ashore::cli {

// `embed transform` and `embed table` (docs/formats/embed.md). kPermanent: stdout is a terminal,
// what stdin holds is not the pipeline file and pages. Errors otherwise as embed's doors.
base::Result<int> run_embed(const Arguments& arguments);

}  // namespace ashore::cli
