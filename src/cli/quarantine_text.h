// What is in quarantine and what became of it, as people read it and as JSON.
#pragma once

#include <string>
#include <vector>

#include "pipeline/quarantine.h"
#include "pipeline/quarantine_replay.h"

namespace ashore::cli {

// All pure. JSON is one object; that of a rejection ends without a newline.
std::string quarantine_text(const std::vector<pipeline::RejectionCount>& counts);
std::string quarantine_json(const std::vector<pipeline::RejectionCount>& counts);
std::string rejection_text(const pipeline::Rejection& rejection);
std::string rejection_json(const pipeline::Rejection& rejection);
std::string quarantine_replay_text(const pipeline::QuarantineReplay& result);
// The run's report with a field more: `quarantine`.
std::string quarantine_replay_json(const pipeline::QuarantineReplay& result);

}  // namespace ashore::cli
