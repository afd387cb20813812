// Says how a command that may change tables ended.
#pragma once

#include "report/run_report.h"

namespace ashore::report {

// The report's status, exit_code and error say how the run ended; `report.run_id` is empty only
// where no run could begin (a wrong run id, an empty window, a lock that another holds).
struct Outcome {
  RunReport report;
};

}  // namespace ashore::report
