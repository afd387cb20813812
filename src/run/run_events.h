// RunEvents passes a run's events on and keeps them for runs/<run id>/events.jsonl.
#pragma once

#include <mutex>
#include <string>

#include "base/event.h"
#include "io/env.h"

namespace ashore::run {

// Each line is one JSON object: time, run_id, stage, then the event's own fields. Threads: emit()
// from any; the others from one.
class RunEvents final : public base::EventSink {
 public:
  // `downstream`, `clock` must outlive this.
  RunEvents(base::EventSink& downstream, io::Clock& clock, std::string run_id);

  void emit(const base::Event& event) override;
  // The stage that later events belong to.
  void enter_stage(std::string_view stage);
  // Appends what was kept since the last time. Errors as ObjectStore::append.
  base::Status flush(io::ObjectStore& store);

 private:
  base::EventSink& downstream_;
  io::Clock& clock_;
  const std::string run_id_;
  std::mutex mutex_;
  std::string stage_;  // guarded by mutex_
  std::string lines_;  // guarded by mutex_
};

}  // namespace ashore::run
