// A run's counters as metrics that Prometheus reads from a file.
#pragma once

#include <string>

#include "base/result.h"
#include "io/object_store.h"
#include "report/run_report.h"

namespace ashore::report {

// Pure. Prometheus's text exposition format 0.0.4: every family has its HELP and TYPE, all are
// gauges about the pipeline's last command, and their units are in their names. Labels hold names
// from the pipeline file, never values from the source (docs/operations.md lists them).
std::string metrics_text(const RunReport& report);

// Replaces the object at `path` by the report's metrics, whole or not at all, as the textfile
// collector of node_exporter wants it. Errors as ObjectStore::write.
base::Status write_metrics(io::ObjectStore& store, const std::string& path,
                           const RunReport& report);

}  // namespace ashore::report
