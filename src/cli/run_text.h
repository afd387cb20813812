// The results of runs as people read them on stdout, and their JSON forms.
#pragma once

#include <string>
#include <vector>

#include "config/pipeline.h"
#include "inspect/status.h"
#include "io/object_store.h"
#include "report/run_report.h"

namespace ashore::cli {

// Pure but for asking the store where things lie. What a run or stage did and where everything is.
std::string run_text(const report::RunReport& report, const std::string& command,
                     io::ObjectStore& store, const config::Pipeline& pipeline);

// The same for a run that landed nothing: a rollback, a rebuild.
std::string derived_run_text(const report::RunReport& report, const std::string& command,
                             io::ObjectStore& store);

// Pure.
std::string status_text(const inspect::PipelineStatus& status);
std::string status_json(const inspect::PipelineStatus& status);
std::string history_text(const std::vector<report::PastRun>& runs);
std::string history_json(const std::vector<report::PastRun>& runs);

}  // namespace ashore::cli
