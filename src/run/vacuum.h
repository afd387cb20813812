// Removes files that no version needs, older than a given age.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "state/run_context.h"

namespace ashore::run {

struct VacuumOptions {
  std::chrono::milliseconds older_than = std::chrono::days(7);  // not negative
  bool dry_run = false;                                         // only names what would go
  std::chrono::milliseconds wait{0};                            // for the lock
};

struct Vacuumed {
  std::vector<std::string> files;  // relative to the data folder, in order
  std::int64_t bytes = 0;
};

// Takes the lock, heals as recover() does, then removes what publish::find_vacuumed finds. A reader
// of a version older than `older_than` fails afterwards with file-not-found. Stopped half-way or
// killed, the rest goes the next time. Errors as recover() and publish::find_vacuumed().
base::Result<Vacuumed> vacuum(const VacuumOptions& options, const state::RunContext& context);

}  // namespace ashore::run
