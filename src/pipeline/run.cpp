// The doors of a run: lock, heal, stages, report.
#include "pipeline/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "pipeline/flow.h"
#include "pipeline/run_events.h"
#include "publish/publish.h"
#include "state/lock.h"
#include "state/run_folder.h"

namespace ashore::pipeline {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::array kStages = {Stage::kExtract, Stage::kTransform, Stage::kMerge,
                                Stage::kAudit,   Stage::kPublish,   Stage::kLoad};

std::string window_text(const base::Window& window) {
  if (window.is_unbounded()) return "everything";
  return (window.start ? base::format_timestamp(*window.start) : "the beginning") + " .. " +
         (window.end ? base::format_timestamp(*window.end) : "the end");
}

std::string status_of(const Status& status, bool nothing_new) {
  if (status.ok()) return nothing_new ? "unchanged" : "published";
  const auto kind = status.error().kind();
  const bool held = kind == ErrorKind::kHeldByCheck || kind == ErrorKind::kHeldByQuarantine;
  return held ? "held" : "failed";
}

// What one call of run() or run_one_stage() holds on to.
struct Session {
  const spec::Pipeline& pipeline;
  const Options& options;
  io::Env& env;
  base::EventSink& events;
  std::stop_token stop;
  std::unique_ptr<io::StoreLock> lock;
};

Status take_lock(Session* session, const std::string& run_id) {
  const auto holder =
      fmt::format("ashore {}, run {}, process {}", session->options.command, run_id, ::getpid());
  TRY(session->lock, state::take_lock(session->env, holder, session->options.wait, session->stop));
  TRY(const auto healed, publish::finish_intent(session->env, session->events));
  if (!healed.empty()) {
    session->events.emit(base::Warned{"finished the publication that run " + healed + " left"});
  }
  return {};
}

report::RunReport begin_report(const Session& session, std::string run_id) {
  report::RunReport report;
  report.run_id = std::move(run_id);
  report.pipeline = session.pipeline.name;
  report.started_at = session.env.clock.now();
  return report;
}

Outcome refused(report::RunReport report, const Error& error, base::EventSink& events) {
  report.run_id.clear();
  report.status = "failed";
  report.exit_code = base::exit_code_of(error.kind());
  report.error = error.message();
  events.emit(base::Failed{report.error, report.exit_code});
  return {std::move(report)};
}

// Ends the story: status and exit code, report.json, events.jsonl.
Outcome finish(Session* session, report::RunReport report, const Status& status, bool nothing_new,
               RunEvents* events) {
  report.status = status_of(status, nothing_new);
  report.exit_code = status.ok() ? 0 : base::exit_code_of(status.error().kind());
  if (!status.ok()) report.error = status.error().message();
  const bool may_skip = session->options.command == "run" || session->options.command == "load";
  if (status.ok() && nothing_new && may_skip && session->options.skip_unchanged) {
    report.exit_code = 99;
  }
  const auto elapsed = session->env.clock.now() - report.started_at;
  report.seconds = std::chrono::duration<double>(elapsed).count();
  report.peak_rss_bytes = report::peak_rss_bytes();
  if (!status.ok()) events->emit(base::Failed{report.error, report.exit_code});
  events->emit(base::RunEnded{report.status, report.exit_code, report.seconds});
  // The run's own failure matters more than that its report could not be written.
  auto written = report::write_report(session->env.store, report);
  if (written.ok()) written = events->flush(session->env.store);
  if (!written.ok() && status.ok()) {
    report.status = "failed";
    report.exit_code = base::exit_code_of(written.error().kind());
    report.error = written.error().message();
    session->events.emit(base::Failed{report.error, report.exit_code});
  }
  return {std::move(report)};
}

// The run that a single stage works on, from its landing.
Result<state::RunInfo> find_run(Session* session, Stage stage) {
  const auto previous = stage == Stage::kLoad
                            ? std::string_view("publish")
                            : stage_name(kStages[static_cast<std::size_t>(stage) - 1]);
  const auto& id = session->options.run_id;
  if (id.empty()) {
    return state::latest_run(session->env.store, session->pipeline.name, previous);
  }
  TRY(const auto landing,
      state::read_manifest(session->env.store, state::stage_manifest_path(id, "extract"))
          .within("run '" + id + "'"));
  state::RunInfo info;
  info.run_id = id;
  info.pipeline_name = landing.pipeline_name;
  info.window = landing.window;
  info.started_us = landing.started_us;
  return info;
}

Status check_same_run(const Session& session, Stage stage, const state::RunInfo& info) {
  if (info.pipeline_name != session.pipeline.name) {
    return base::permanent(fmt::format("run '{}' belongs to pipeline '{}', not to '{}'",
                                       info.run_id, info.pipeline_name, session.pipeline.name))
        .with_remedy("Name another --run-id or the other pipeline file.");
  }
  if (stage == Stage::kLoad || session.options.window.is_unbounded()) return {};
  TRY(const auto window, effective_window(session.pipeline, session.options));
  if (window == info.window) return {};
  return base::permanent(fmt::format("run '{}' has another window: {}, not {}", info.run_id,
                                     window_text(info.window), window_text(window)))
      .with_remedy("Leave the dates out, or begin a new run with 'extract'.");
}

void absorb_earlier(const Session& session, Stage stage, report::RunReport* report) {
  for (const auto earlier : kStages) {
    if (earlier == stage) return;
    const auto summary =
        state::read_summary(session.env.store, report->run_id, stage_name(earlier));
    if (summary.ok()) report::absorb(summary.value(), report);
  }
}

bool needs_lock(Stage stage) {
  return stage == Stage::kMerge || stage == Stage::kPublish || stage == Stage::kLoad;
}

base::RunStarted started_event(const Session& session, const report::RunReport& report) {
  return {.run_id = report.run_id,
          .pipeline = session.pipeline.name,
          .window = window_text(report.window),
          .source_url = session.options.source_url.value_or(session.pipeline.source_url)};
}

Result<report::RunReport> begin_new_run(Session* session) {
  const auto& options = session->options;
  TRY(const auto window, effective_window(session->pipeline, options));
  auto run_id = options.run_id.empty() ? state::make_run_id(session->env.clock, session->env.random)
                                       : options.run_id;
  TRY(state::check_run_id(run_id));
  auto report = begin_report(*session, std::move(run_id));
  report.window = window;
  return report;
}

Result<report::RunReport> begin_stage(Session* session, Stage stage) {
  TRY(const auto info, find_run(session, stage));
  TRY(check_same_run(*session, stage, info));
  auto report = begin_report(*session, info.run_id);
  report.window = info.window;
  if (needs_lock(stage)) TRY(take_lock(session, info.run_id));
  absorb_earlier(*session, stage, &report);
  return report;
}

}  // namespace

std::string_view stage_name(Stage stage) {
  constexpr std::array<std::string_view, 6> kNames = {"extract", "transform", "merge",
                                                      "audit",   "publish",   "load"};
  return kNames[static_cast<std::size_t>(stage)];
}

Result<base::Window> effective_window(const spec::Pipeline& pipeline, const Options& options) {
  base::Window window = options.window;
  if (window.is_unbounded()) return window;
  const auto& rule = pipeline.extract.window;
  if (!rule) {
    return base::permanent("pipeline '" + pipeline.name + "' has no window")
        .with_remedy(
            "Leave --start-date and --end-date out, or give the pipeline an "
            "extract.window.");
  }
  if (window.start && window.end && *window.start >= *window.end) {
    return base::permanent("the start of the window is not before its end: " + window_text(window))
        .with_remedy("Give a --start-date before --end-date; the end is not part of the window.");
  }
  if (options.widen && window.start) *window.start -= rule->lookback;
  if (options.widen && window.end) *window.end += rule->lookahead;
  return window;
}

Outcome run(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
            base::EventSink& events, const std::stop_token& stop) {
  Session session{pipeline, options, env, events, stop, nullptr};
  auto begun = begin_new_run(&session);
  if (!begun.ok()) return refused(begin_report(session, ""), begun.error(), events);
  auto report = std::move(begun).value();
  auto locked = take_lock(&session, report.run_id);
  if (!locked.ok()) return refused(std::move(report), locked.error(), events);

  RunEvents run_events(events, env.clock, report.run_id);
  run_events.emit(started_event(session, report));
  Flow flow(pipeline, options, env, run_events, stop, &report);
  Status status;
  for (const auto stage : kStages) {
    if (status.ok()) status = flow.run(stage);
  }
  return finish(&session, std::move(report), status, flow.nothing_new(), &run_events);
}

Outcome run_one_stage(Stage stage, const spec::Pipeline& pipeline, const Options& options,
                      io::Env& env, base::EventSink& events, const std::stop_token& stop) {
  Session session{pipeline, options, env, events, stop, nullptr};
  auto begun = stage == Stage::kExtract ? begin_new_run(&session) : begin_stage(&session, stage);
  if (!begun.ok()) return refused(begin_report(session, ""), begun.error(), events);
  auto report = std::move(begun).value();

  RunEvents run_events(events, env.clock, report.run_id);
  run_events.emit(started_event(session, report));
  Flow flow(pipeline, options, env, run_events, stop, &report);
  const auto status = flow.run(stage);
  const bool is_last = stage == Stage::kPublish || stage == Stage::kLoad;
  // The stages before publish leave the published tables as they are.
  const bool nothing_new = !is_last || flow.nothing_new();
  return finish(&session, std::move(report), status, nothing_new, &run_events);
}

}  // namespace ashore::pipeline
