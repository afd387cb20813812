// Looks at what ashore needs here and says what is missing.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "config/pipeline.h"
#include "run/destination_access.h"

namespace ashore::cli {

struct Finding {
  std::string what;  // "DuckDB driver"
  bool is_well = true;
  std::string detail;  // what was seen, or what is wrong and what to do
  int exit_code = 0;   // of what is wrong
};

// Tries the data folder, the drivers, each destination and the source's address.
std::vector<Finding> examine(const Arguments& arguments, const config::Pipeline& pipeline,
                             const std::vector<config::DestinationSpec>& destinations,
                             const run::AccessOptions& access);

// Pure. One line a finding.
std::string findings_text(const std::vector<Finding>& findings);
// Pure. 0, or that of the first finding that is not well.
int exit_code_of(const std::vector<Finding>& findings);

// What this binary is and was made with, one line a part.
std::string version_text();

}  // namespace ashore::cli
