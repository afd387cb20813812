// Publishes waiting landings under one lock; each has its own report and events.
#include "run/from_raw.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "delta/snapshot.h"
#include "run/flow.h"
#include "run/history.h"
#include "run/run.h"
#include "run/session.h"

namespace ashore::run {

namespace {

using base::Result;
using base::Status;

// One landing on its way; kept until it is known whether it is the one that loads.
struct LandingRun {
  LandingRun(Session* session, const state::RunInfo& info, const std::string& window_of)
      : options(session->options),
        events(session->context.events, session->context.env.clock, info.run_id),
        report(begin_report(*session, info.run_id)),
        flow(session->pipeline, options, session->context, events, &report) {
    options.window_of = window_of;
    report.window = info.window;
    const auto landed = state::read_summary(session->context.env.store, info.run_id, "extract");
    if (landed.ok()) report::absorb(landed.value(), &report);
    events.emit(
        base::RunStarted{info.run_id, session->pipeline.name, window_text(info.window), "raw"});
  }

  Status publish() {
    constexpr std::array kStages = {state::Stage::kTransform, state::Stage::kMerge,
                                    state::Stage::kAudit, state::Stage::kPublish};
    for (const auto stage : kStages) TRY(flow.run(stage));
    return {};
  }

  Options options;
  RunEvents events;
  report::RunReport report;
  Flow flow;
};

Result<Waiting> look(const Session& session, std::string* last_published) {
  TRY(const auto history, read_history(session.context.env.store, session.pipeline));
  TRY(auto runs, state::list_runs(session.context.env.store));
  std::erase_if(
      runs, [&](const state::RunInfo& run) { return run.pipeline_name != session.pipeline.name; });
  TRY(const auto newest_us, newest_landing_us(session.context.env.store, session.pipeline));
  const auto steps = current_steps(history);
  if (!steps.empty()) *last_published = steps.back().landing;
  return find_waiting(runs, history, newest_us, session.options.force);
}

void take_outcome(report::Outcome outcome, FromRaw* result) {
  const auto& report = outcome.report;
  // The worst is the last: the loop ends there. A load that failed comes after it.
  if (report.exit_code != 0 && report.exit_code != 99 && result->error.empty()) {
    result->status = report.status;
    result->exit_code = report.exit_code;
    result->error = report.error;
  } else if (report.status == "published" && result->error.empty()) {
    result->status = "published";
  }
  result->runs.push_back(std::move(outcome.report));
}

FromRaw refuse(Session* session, const base::Error& error) {
  const auto outcome = refused(begin_report(*session, ""), error, session->context.events);
  FromRaw result;
  result.status = outcome.report.status;
  result.exit_code = outcome.report.exit_code;
  result.error = outcome.report.error;
  return result;
}

// Publishes them all but the last good one's load; that one is loaded when it is known.
void publish_all(Session* session, const std::vector<state::RunInfo>& landings,
                 std::string last_published, FromRaw* result) {
  std::unique_ptr<LandingRun> pending;
  const auto end = [&](LandingRun& run, const Status& status) {
    take_outcome(
        finish(session, std::move(run.report), status, run.flow.nothing_new(), &run.events),
        result);
  };
  Status status;
  std::unique_ptr<LandingRun> failed;
  for (const auto& landing : landings) {
    auto run = std::make_unique<LandingRun>(session, landing, last_published);
    status = run->publish();
    if (!status.ok()) {
      failed = std::move(run);
      break;
    }
    if (pending) end(*pending, {});
    pending = std::move(run);
    last_published = landing.run_id;
  }
  if (pending) end(*pending, pending->flow.run(state::Stage::kLoad));
  if (failed) end(*failed, status);
}

// Nothing to publish: what an earlier call published may still have to be loaded.
void load_again(Session* session, FromRaw* result) {
  session->lock.reset();
  auto options = session->options;
  options.run_id.clear();
  auto outcome = run_one_stage(state::Stage::kLoad, session->pipeline, options, session->context);
  result->status = outcome.report.status;
  result->exit_code = outcome.report.exit_code;
  result->error = outcome.report.error;
}

}  // namespace

Waiting find_waiting(const std::vector<state::RunInfo>& runs,
                     const std::vector<Publication>& history, std::int64_t newest_us,
                     bool takes_older) {
  std::set<std::string> published;
  for (const auto& publication : history) {
    if (publication.is_landing) published.insert(publication.run_id);
    for (const auto& step : publication.steps) published.insert(step.landing);
  }
  Waiting waiting;
  for (const auto& run : runs) {
    if (published.contains(run.run_id)) continue;
    if (run.started_us > newest_us || takes_older) {
      waiting.landings.push_back(run);
    } else {
      waiting.passed_over.push_back(run.run_id);
    }
  }
  return waiting;
}

FromRaw run_from_raw(const config::Pipeline& pipeline, const Options& options,
                     const state::RunContext& context) {
  Session session{pipeline, options, context, nullptr};
  const auto locked = take_lock(&session, "");
  if (!locked.ok()) return refuse(&session, locked.error());
  std::string last_published;
  auto waiting = look(session, &last_published);
  if (!waiting.ok()) return refuse(&session, waiting.error());
  FromRaw result;
  result.passed_over = waiting.value().passed_over;
  if (!result.passed_over.empty()) {
    context.events.emit(base::Warned{fmt::format(
        "{} older than the published one and never published, passed over: {}; --force publishes "
        "older landings too",
        result.passed_over.size() == 1 ? "a landing is" : "landings are",
        fmt::join(result.passed_over, ", "))});
  }
  const auto& landings = waiting.value().landings;
  if (!landings.empty()) {
    publish_all(&session, landings, last_published, &result);
  } else if (!last_published.empty()) {
    load_again(&session, &result);
  }
  return result;
}

}  // namespace ashore::run
