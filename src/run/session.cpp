// Begins and ends every command that takes the lock.
#include "run/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "publish/publish.h"
#include "state/lock.h"
#include "state/run_folder.h"

namespace ashore::run {

using base::Error;
using base::ErrorKind;
using base::Status;

namespace {

std::string status_of(const Status& status, bool nothing_new) {
  if (status.ok()) return nothing_new ? "unchanged" : "published";
  const auto kind = status.error().kind();
  if (kind == ErrorKind::kInterrupted) return "interrupted";
  const bool held = kind == ErrorKind::kBlockedByCheck || kind == ErrorKind::kBlockedByQuarantine;
  return held ? "blocked" : "failed";
}

}  // namespace

report::PageInputs page_inputs(const config::Pipeline& pipeline, const std::string& run_id) {
  report::PageInputs inputs{.run_id = run_id};
  inputs.folders.push_back(state::raw_folder(pipeline.source_name, run_id));
  for (const auto& table : pipeline.tables) {
    inputs.folders.push_back(state::table_folder(table.name));
  }
  return inputs;
}

std::string window_text(const base::Window& window) {
  if (window.is_unbounded()) return "everything";
  return (window.start ? base::format_timestamp(*window.start) : "the beginning") + " .. " +
         (window.end ? base::format_timestamp(*window.end) : "the end");
}

Status take_lock(Session* session, const std::string& run_id) {
  const auto run = run_id.empty() ? "" : ", run " + run_id;
  const auto holder =
      fmt::format("ashore {}{}, process {}", session->options.command, run, ::getpid());
  TRY(session->lock,
      state::take_lock(session->context.env, holder, session->options.wait, session->context.stop));
  // Before anything is read: a publication that was cut half-way is old or new only once finished.
  TRY(const auto healed, publish::finish_intent(session->context));
  if (!healed.empty()) {
    session->context.events.emit(
        base::Warned{"finished the publication that run " + healed + " left"});
  }
  return {};
}

report::RunReport begin_report(const Session& session, std::string run_id) {
  report::RunReport report;
  report.run_id = std::move(run_id);
  report.pipeline = session.pipeline.name;
  report.started_at = session.context.env.clock.now();
  report.kind = session.options.kind;
  return report;
}

void tell_running(Session* session, const report::RunReport& report) {
  auto& store = session->context.env.store;
  if (report::is_closed(store, report.run_id)) return;
  auto running = report;
  running.status = "running";
  (void)report::write_report(store, &running).ok();
}

report::Outcome refused(report::RunReport report, const Error& error, base::EventSink& events) {
  report.run_id.clear();
  report.status = "failed";
  report.exit_code = base::exit_code_of(error.kind());
  report.error = error.message();
  events.emit(base::Failed{report.error, report.exit_code});
  return {std::move(report)};
}

// Ends the story: status and exit code, report.json, events.jsonl, report.html.
report::Outcome finish(Session* session, report::RunReport report, const Status& status,
                       bool nothing_new, RunEvents* events) {
  const bool is_pending = status.ok() && report.status == kPending;
  if (!is_pending) report.status = status_of(status, nothing_new);
  report.exit_code = status.ok() ? 0 : base::exit_code_of(status.error().kind());
  if (!status.ok()) report.error = status.error().message();
  if (status.ok() && nothing_new && session->options.skip_unchanged) {
    report.exit_code = 99;
  }
  const auto elapsed = session->context.env.clock.now() - report.started_at;
  report.seconds = std::chrono::duration<double>(elapsed).count();
  report.peak_rss_bytes = report::peak_rss_bytes();
  report.store_requests = session->context.env.store.requests();
  if (!status.ok()) events->emit(base::Failed{report.error, report.exit_code});
  events->emit(base::RunEnded{report.status, report.exit_code, report.seconds});
  // The run's own failure matters more than that its report could not be written.
  const auto kept = report::write_report(session->context.env.store, &report);
  Status written = kept.ok() ? Status() : Status(kept.error());
  if (written.ok()) written = events->flush(session->context.env.store);
  if (written.ok() && kept.value()) {
    written = report::write_page(session->context.env.store,
                                 page_inputs(session->pipeline, report.run_id));
  }
  if (!written.ok() && status.ok()) {
    report.status = "failed";
    report.exit_code = base::exit_code_of(written.error().kind());
    report.error = written.error().message();
    session->context.events.emit(base::Failed{report.error, report.exit_code});
  }
  return {std::move(report)};
}

}  // namespace ashore::run
