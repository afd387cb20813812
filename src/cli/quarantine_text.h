// What is in quarantine and what became of it, as people read it and as JSON.
#pragma once

#include <string>
#include <vector>

#include "rebuild/quarantine_replay.h"
#include "state/quarantine.h"

namespace ashore::cli {

// All pure. JSON is one object; that of a rejection ends without a newline.
std::string quarantine_text(const std::vector<state::RejectionCount>& counts);
std::string quarantine_json(const std::vector<state::RejectionCount>& counts);
std::string rejection_text(const state::Rejection& rejection);
std::string rejection_json(const state::Rejection& rejection);
std::string quarantine_replay_text(const rebuild::QuarantineReplay& result);
// The run's report with a field more: `quarantine`.
std::string quarantine_replay_json(const rebuild::QuarantineReplay& result);

}  // namespace ashore::cli
