// What a command leaves behind: text on stdout and an exit code.
#pragma once

#include <string>

#include "cli/signals.h"
#include "report/run_report.h"

namespace ashore::cli {

// Writes to stdout at once, so that a reader of a pipe sees results as they come.
void print(const std::string& text);

// Ctrl-C and SIGTERM have exit codes of their own, whatever the stages made of the stop.
int exit_code_of(const report::RunReport& report, const Signals& signals);

}  // namespace ashore::cli
