// DerivedRun publishes tables that come from no new landing: rolled back or built again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/snapshot.h"
#include "pipeline/history.h"
#include "pipeline/session.h"

namespace ashore::pipeline {

// What a table shall be. Files that are published stay, of the others the bytes lie in the scratch
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
  static base::Result<DerivedRun> begin(Session* session);

  [[nodiscard]] const std::string& run_id() const { return run_id_; }

  // Records `steps`, makes a candidate of the difference between `targets` and what is published,
  // puts the checks to it if asked to, publishes and loads. The outcome is that of a run. A held
  // candidate is removed again: only this command can make it.
  Outcome publish(const std::vector<Target>& targets, const std::vector<Step>& steps, Audit audit);

  // Ends a run that got no further than `error`.
  Outcome fail(const base::Error& error);

 private:
  DerivedRun(Session* session, std::string run_id);

  base::Status prepare(const std::vector<Target>& targets, const std::vector<Step>& steps,
                       Audit audit);

  Session* session_;
  std::string run_id_;
  std::int64_t started_us_ = 0;
  report::RunReport report_;
  Options options_;
};

}  // namespace ashore::pipeline
