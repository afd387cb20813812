// Lineage tells a receiver of OpenLineage when a command starts, goes on and ends.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/random.h"
#include "report/lineage_event.h"

namespace ashore::report {

// Passes events on and sends START at the run's first, RUNNING after each stage; finish() sends
// COMPLETE, FAIL or ABORT. A receiver that fails is told of once, as a warning, and gets nothing
// more: a run is no worse for it. Threads: emit() from any; finish() when all is over.
class Lineage final : public base::EventSink {
 public:
  // Takes one event's JSON, a line; called from one thread at a time.
  using Send = std::function<base::Status(const std::string& event)>;

  // `downstream`, `clock` and `random` outlive this.
  Lineage(LineageJob job, Send send, base::EventSink& downstream, io::Clock& clock,
          io::Random& random);

  void emit(const base::Event& event) override;
  // Sends how the command ended; nothing where no run began. COMPLETE: exit codes 0 and 99; ABORT:
  // it was interrupted.
  void finish(const RunReport& report);

 private:
  void send(LineageEventType type, const std::string& stage, const RunReport* report);

  const LineageJob job_;
  const Send send_;
  base::EventSink& downstream_;
  io::Clock& clock_;
  const std::string lineage_run_id_;
  std::mutex mutex_;
  std::string run_id_;    // guarded by mutex_; "": no run began
  bool is_dead_ = false;  // guarded by mutex_
};

}  // namespace ashore::report
