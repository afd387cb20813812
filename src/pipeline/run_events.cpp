// Progress (RowsDecoded) is passed on but not kept: it is for the eye only.
#include "pipeline/run_events.h"

#include <utility>

#include "state/run_folder.h"

namespace ashore::pipeline {

RunEvents::RunEvents(base::EventSink& downstream, io::Clock& clock, std::string run_id)
    : downstream_(downstream), clock_(clock), run_id_(std::move(run_id)) {}

void RunEvents::emit(const base::Event& event) {
  downstream_.emit(event);
  if (std::holds_alternative<base::RowsDecoded>(event)) return;
  // Run ids and stage names need no escaping: their alphabets have neither quotes nor controls.
  std::string line = R"({"time":")" + base::format_timestamp(clock_.now()) + R"(","run_id":")" +
                     run_id_ + R"(","stage":")";
  const std::lock_guard lock(mutex_);
  lines_ += line + stage_ + "\"," + base::event_json(event).substr(1) + "\n";
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

}  // namespace ashore::pipeline
