// Runs all stages or one: lock, recovery, stages, report.
#include "run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "run/flow.h"
#include "run/pins.h"
#include "run/run_events.h"
#include "run/session.h"
#include "run/window_reuse.h"
#include "state/run_folder.h"
#include "state/shard_plan.h"

namespace ashore::run {

namespace {

using base::Result;
using base::Status;

// Sources know no others: the first and the last instant of the years 0001 to 9999.
constexpr base::Timestamp kFirst = base::Date(std::chrono::year(1) / 1 / 1);
constexpr base::Timestamp kLast =
    base::Date(std::chrono::year(10'000) / 1 / 1) - std::chrono::microseconds(1);

// The run that a single stage works on, from its landing.
Result<state::RunInfo> find_run(Session* session, state::Stage stage) {
  const auto previous =
      stage == state::Stage::kLoad
          ? std::string_view("publish")
          : state::stage_name(state::kStages[static_cast<std::size_t>(stage) - 1]);
  const auto& id = session->options.run_id;
  if (id.empty()) {
    return state::latest_run(session->context.env.store, session->pipeline.name, previous);
  }
  TRY(state::check_run_id(id));
  TRY(const auto landing, state::read_manifest_head(session->context.env.store,
                                                    state::stage_manifest_path(id, "extract"))
                              .within("run '" + id + "'"));
  state::RunInfo info;
  info.run_id = id;
  info.pipeline_name = landing.pipeline_name;
  info.window = landing.window;
  info.started_us = landing.started_us;
  return info;
}

Status check_same_run(const Session& session, state::Stage stage, const state::RunInfo& info) {
  if (info.pipeline_name != session.pipeline.name) {
    return base::permanent(fmt::format("run '{}' belongs to pipeline '{}', not to '{}'",
                                       info.run_id, info.pipeline_name, session.pipeline.name))
        .with_remedy("Name another --run-id or the other pipeline file.");
  }
  if (stage == state::Stage::kLoad || session.options.window.is_unbounded()) return {};
  TRY(const auto window, effective_window(session.pipeline, session.options));
  if (window == info.window) return {};
  return base::permanent(fmt::format("run '{}' has another window: {}, not {}", info.run_id,
                                     window_text(info.window), window_text(window)))
      .with_remedy("Leave the dates out, or begin a new run with 'extract'.");
}

void absorb_earlier(const Session& session, state::Stage stage, report::RunReport* report) {
  for (const auto earlier : state::kStages) {
    if (earlier == stage) return;
    const auto summary =
        state::read_summary(session.context.env.store, report->run_id, state::stage_name(earlier));
    if (summary.ok()) report::absorb(summary.value(), report);
  }
}

bool needs_lock(state::Stage stage) {
  return stage == state::Stage::kMerge || stage == state::Stage::kPublish ||
         stage == state::Stage::kLoad;
}

// Whether the run that is loaded changed no table when it was published; a closed run's own status
// stays, so its later loads are judged alone.
bool published_nothing(const Session& session, const std::string& run_id) {
  if (report::is_closed(session.context.env.store, run_id)) return true;
  const auto summary = state::read_summary(session.context.env.store, run_id, "publish");
  return !summary.ok() || summary.value().nothing_new;
}

// A rollback lasts until the next run, which had better say so.
void tell_rollback(const Session& session, RunEvents* events) {
  for (const auto& table : session.pipeline.tables) {
    const auto run = rolled_back_by(session.context.env.store, table.name);
    const auto pinned = is_pinned(session.context.env.store, table.name);
    if (!run.ok() || !run.value() || !pinned.ok() || pinned.value()) continue;
    events->emit(base::Warned{"the tables were rolled back by run " + *run.value() +
                              ": this run publishes what the source has now; 'ashore rollback RUN "
                              "--pin' would keep them"});
    return;
  }
}

base::RunStarted started_event(const Session& session, const report::RunReport& report) {
  return {.run_id = report.run_id,
          .pipeline = session.pipeline.name,
          .window = window_text(report.window),
          .source_url = session.options.source_url.value_or(session.pipeline.source_url)};
}

// Of a landing that is made of shards: their plan's.
Result<base::Window> window_of_shards(Session* session) {
  const auto& options = session->options;
  TRY(const auto plan, state::read_shard_plan(session->context.env.store, options.run_id));
  return options.window.is_unbounded() ? plan.window : options.window;
}

Result<report::RunReport> begin_new_run(Session* session) {
  const auto& options = session->options;
  TRY(const auto window, options.joins_shards ? window_of_shards(session)
                                              : effective_window(session->pipeline, options));
  auto run_id = options.run_id.empty()
                    ? state::make_run_id(session->context.env.clock, session->context.env.random)
                    : options.run_id;
  TRY(state::check_run_id(run_id));
  auto report = begin_report(*session, std::move(run_id));
  report.window = window;
  return report;
}

Result<report::RunReport> begin_stage(Session* session, state::Stage stage) {
  TRY(const auto info, find_run(session, stage));
  TRY(check_same_run(*session, stage, info));
  auto report = begin_report(*session, info.run_id);
  report.window = info.window;
  if (needs_lock(stage)) TRY(take_lock(session, info.run_id));
  absorb_earlier(*session, stage, &report);
  return report;
}

}  // namespace

Result<base::Window> effective_window(const config::Pipeline& pipeline, const Options& options) {
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

report::Outcome run(const config::Pipeline& pipeline, const Options& options,
                    const state::RunContext& context) {
  Session session{pipeline, options, context, nullptr};
  auto begun = begin_new_run(&session);
  if (!begun.ok()) return refused(begin_report(session, ""), begun.error(), context.events);
  auto report = std::move(begun).value();
  auto locked = take_lock(&session, report.run_id);
  if (!locked.ok()) return refused(std::move(report), locked.error(), context.events);

  RunEvents run_events(context.events, context.env.clock, report.run_id);
  run_events.emit(started_event(session, report));
  tell_running(&session, report);
  tell_rollback(session, &run_events);
  auto with_window = options;
  auto earlier = latest_window(context.env.store, pipeline);
  Status status;
  if (earlier.ok()) {
    with_window.window_of = std::move(earlier).value();
  } else {
    status = earlier.error();
  }
  Flow flow(pipeline, with_window, context, run_events, &report);
  flow.expect_all_stages();
  for (const auto stage : state::kStages) {
    if (status.ok()) status = flow.run(stage);
  }
  return finish(&session, std::move(report), status, flow.nothing_new(), &run_events);
}

report::Outcome run_one_stage(state::Stage stage, const config::Pipeline& pipeline,
                              const Options& options, const state::RunContext& context) {
  Session session{pipeline, options, context, nullptr};
  auto begun =
      stage == state::Stage::kExtract ? begin_new_run(&session) : begin_stage(&session, stage);
  if (!begun.ok()) return refused(begin_report(session, ""), begun.error(), context.events);
  auto report = std::move(begun).value();

  RunEvents run_events(context.events, context.env.clock, report.run_id);
  run_events.emit(started_event(session, report));
  tell_running(&session, report);
  Flow flow(pipeline, options, context, run_events, &report);
  const auto status = flow.run(stage);
  // The stages before publish leave the published tables as they are.
  const bool is_last = stage == state::Stage::kPublish || stage == state::Stage::kLoad;
  if (!is_last) report.status = kPending;
  bool nothing_new = flow.nothing_new();
  if (stage == state::Stage::kLoad)
    nothing_new = nothing_new && published_nothing(session, report.run_id);
  return finish(&session, std::move(report), status, nothing_new, &run_events);
}

}  // namespace ashore::run
