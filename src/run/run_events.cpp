// Keeps events for events.jsonl, without progress (RowsDecoded).
#include "run/run_events.h"

#include <utility>

#include "state/run_folder.h"

namespace ashore::run {

RunEvents::RunEvents(base::EventSink& downstream, io::Clock& clock, std::string run_id)
    : downstream_(downstream), clock_(clock), run_id_(std::move(run_id)) {}

void RunEvents::emit(const base::Event& event) {
  downstream_.emit(event);
  if (std::holds_alternative<base::RowsDecoded>(event)) return;
  const std::lock_guard lock(mutex_);
  lines_ += base::event_json(event, {{"time", base::format_timestamp(clock_.now())},
                                     {"run_id", run_id_},
                                     {"stage", stage_}}) +
            "\n";
}

void RunEvents::enter_stage(std::string_view stage) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
}

base::Status RunEvents::flush(io::ObjectStore& store) {
  std::string lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(lines_);
  }
  if (lines.empty()) return {};
  return store.append(state::run_file(run_id_, "events.jsonl"), lines);
}

}  // namespace ashore::run
