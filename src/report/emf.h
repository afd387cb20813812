// A run's counters as CloudWatch's embedded metric format: where stdout goes to CloudWatch Logs, as
// a Lambda's does, they become metrics without a further request.
#pragma once

#include <string>

#include "report/run_report.h"

namespace ashore::report {

// Pure. Lines of JSON, each with a line feed: one of the run (dimension `pipeline`), one of each
// table (`pipeline`, `table`) and one of each destination (`pipeline`, `destination`), in the
// namespace "ashore"; docs/operations.md lists the metrics. The time is that at which the run
// ended. Format: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
std::string emf_lines(const RunReport& report);

}  // namespace ashore::report
