// DerivedRun publishes tables that come from no new landing: rolled back or built again.
#pragma once

#include <optional>
#include <string>
#include <vector>
#include "report/outcome.h"

#include "base/result.h"
#include "delta/snapshot.h"
#include "run/history.h"
#include "run/session.h"

namespace ashore::rebuild {

// What a table is to be. Files that are published stay, of the others the bytes lie in the scratch
// or already in place.
struct Target {
  std::string table;
  delta::Snapshot snapshot;
};

enum class Audit { kYes, kNo };

// A run under way with an id of its own. Precondition of all that follow begin(): the session
// holds the lock.
class DerivedRun {
 public:
  // `session` must outlive it. Makes a run id; keeps the present pipeline file as the run's.
  static base::Result<DerivedRun> begin(run::Session* session);

  [[nodiscard]] const std::string& run_id() const { return run_id_; }

  // Records `steps`, makes a candidate of the difference between `targets` and what is published,
  // puts the checks to it if asked to, publishes and loads. The outcome is that of a run. A blocked
  // candidate is removed again: only this command can make it.
  report::Outcome publish(const std::vector<Target>& targets, const std::vector<run::Step>& steps,
                          Audit audit);

  // Ends a run that got no further than `error`.
  report::Outcome fail(const base::Error& error);

 private:
  DerivedRun(run::Session* session, std::string run_id);

  base::Status prepare(const std::vector<Target>& targets, const std::vector<run::Step>& steps,
                       Audit audit);

  run::Session* session_;
  std::string run_id_;
  std::int64_t started_us_ = 0;
  report::RunReport report_;
  run::Options options_;
};

}  // namespace ashore::rebuild
