// What each command does and prints; the exit code is its answer.
#pragma once

#include "cli/arguments.h"

namespace ashore::cli {

// Runs the command named in `arguments` and returns the process's exit code. Results go to stdout,
// everything else to stderr.
int run_command(const Arguments& arguments);

}  // namespace ashore::cli
