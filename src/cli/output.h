// What a command leaves behind: text on stdout and an exit code.
#pragma once

#include <string>

#include "base/event.h"
#include "cli/arguments.h"
#include "cli/signals.h"
#include "report/run_report.h"

namespace ashore::cli {

// Writes to stdout at once, so that a reader of a pipe sees results as they come.
void print(const std::string& text);

// Leaves the metrics of a run at `path`, "" for nowhere. A run is no worse for metrics that could
// not be written: `events` hears of it.
void leave_metrics(const std::string& path, const report::RunReport& report,
                   base::EventSink& events);

// Prints the metrics of a run where logs are in the embedded metric format; returns whether.
bool print_emf(LogFormat format, const report::RunReport& report);

// Ctrl-C and SIGTERM have exit codes of their own, whatever the stages made of the stop.
int exit_code_of(const report::RunReport& report, const Signals& signals);

}  // namespace ashore::cli
