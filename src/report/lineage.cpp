// Turns a run's events into those of OpenLineage.
#include "report/lineage.h"

#include <optional>
#include <utility>
#include <variant>

namespace ashore::report {

Lineage::Lineage(LineageJob job, Send send, base::EventSink& downstream, io::Clock& clock,
                 io::Random& random)
    : job_(std::move(job)),
      send_(std::move(send)),
      downstream_(downstream),
      clock_(clock),
      lineage_run_id_(uuid7(clock.now(), random.next(), random.next())) {}

void Lineage::emit(const base::Event& event) {
  downstream_.emit(event);
  if (const auto* const started = std::get_if<base::RunStarted>(&event)) {
    {
      const std::lock_guard lock(mutex_);
      run_id_ = started->run_id;
    }
    send(LineageEventType::kStart, "", nullptr);
  } else if (const auto* const ended = std::get_if<base::StageEnded>(&event)) {
    send(LineageEventType::kRunning, ended->stage, nullptr);
  }
}

void Lineage::finish(const RunReport& report) {
  const bool is_done = report.exit_code == 0 || report.exit_code == 99;
  const bool is_stopped = report.exit_code == 130 || report.exit_code == 143;
  send(is_done      ? LineageEventType::kComplete
       : is_stopped ? LineageEventType::kAbort
                    : LineageEventType::kFail,
       "", &report);
}

void Lineage::send(LineageEventType type, const std::string& stage, const RunReport* report) {
  std::optional<base::Error> failure;
  {
    const std::lock_guard lock(mutex_);
    if (is_dead_ || run_id_.empty()) return;
    const LineageEvent event{type, lineage_run_id_, run_id_, clock_.now(), stage};
    const auto sent = send_(lineage_event_json(job_, event, report));
    if (sent.ok()) return;
    is_dead_ = true;
    failure = sent.error();
  }
  downstream_.emit(base::Warned{"OpenLineage: " + failure->message() +
                                " This run sends no lineage from here on."});
}

}  // namespace ashore::report
