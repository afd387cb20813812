// The doors of a run: lock, heal, stages, report.
#include "pipeline/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "pipeline/flow.h"
#include "pipeline/run_events.h"
#include "pipeline/session.h"
#include "state/run_folder.h"

namespace ashore::pipeline {

namespace {

using base::Result;
using base::Status;

constexpr std::array kStages = {Stage::kExtract, Stage::kTransform, Stage::kMerge,
                                Stage::kAudit,   Stage::kPublish,   Stage::kLoad};

// Sources know no others: the first and the last instant of the years 0001 to 9999.
constexpr base::Timestamp kFirst = base::Date(std::chrono::year(1) / 1 / 1);
constexpr base::Timestamp kLast =
    base::Date(std::chrono::year(10'000) / 1 / 1) - std::chrono::microseconds(1);

// The run that a single stage works on, from its landing.
Result<state::RunInfo> find_run(Session* session, Stage stage) {
  const auto previous = stage == Stage::kLoad
                            ? std::string_view("publish")
                            : stage_name(kStages[static_cast<std::size_t>(stage) - 1]);
  const auto& id = session->options.run_id;
  if (id.empty()) {
    return state::latest_run(session->env.store, session->pipeline.name, previous);
  }
  TRY(state::check_run_id(id));
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
  if (options.widen && window.start) {
    *window.start -= std::min<std::chrono::microseconds>(rule->lookback, *window.start - kFirst);
  }
  if (options.widen && window.end) {
    *window.end += std::min<std::chrono::microseconds>(rule->lookahead, kLast - *window.end);
  }
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
