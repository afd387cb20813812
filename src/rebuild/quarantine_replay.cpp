// Lands rejected rows by building the tables again.
// A quarantine's rows are landed by building the tables again: time decides, not arrival.
#include "rebuild/quarantine_replay.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "rebuild/republish.h"
#include "rebuild/window_keys.h"
#include "run/scratch_store.h"
#include "run/scratch_tables.h"
#include "run/session.h"
#include "state/quarantine.h"

namespace ashore::rebuild {

namespace {

using base::Result;
using base::Status;

// What the landings' rows were before, and where they stand now.
struct Work {
  run::Session& session;
  std::vector<run::Step> before;                             // steps of what is published
  std::map<std::string, state::RunInfo> runs;                // landings of this pipeline
  std::vector<std::string> chosen;                           // landings, in order of time
  std::map<std::string, std::vector<KeySet>> passed_before;  // by landing, then table
};

bool has_stage(const state::RunInfo& run, std::string_view stage) {
  return std::ranges::find(run.complete_stages, stage) != run.complete_stages.end();
}

const run::Step* find_step(const std::vector<run::Step>& steps, const std::string& landing) {
  const auto found = std::ranges::find(steps, landing, &run::Step::landing);
  return found == steps.end() ? nullptr : &*found;
}

// Named by the user, else: what is merged, or was blocked by its very rejections. What was rolled
// back or blocked by a check stays away.
bool is_chosen(const Work& work, const state::RunInfo& run) {
  if (find_step(work.before, run.run_id) != nullptr) return true;
  return !has_stage(run, "publish") && !has_stage(run, "transform");
}

Status check_named(const Work& work, const std::string& run_id) {
  const auto run = work.runs.find(run_id);
  if (run == work.runs.end()) {
    return base::permanent("no landing of this pipeline: '" + run_id + "'")
        .with_remedy("'ashore quarantine list' shows the runs with rejected rows");
  }
  if (find_step(work.before, run_id) == nullptr && has_stage(run->second, "publish")) {
    return base::permanent("the run was rolled back: '" + run_id + "'")
        .with_remedy("'ashore rollback " + run_id + "' brings its rows back");
  }
  return {};
}

Status choose(Work* work) {
  const auto& named = work->session.options.run_id;
  if (!named.empty()) TRY(check_named(*work, named));
  TRY(const auto counts,
      state::count_quarantine(work->session.context.env.store, {.run_id = named, .table = ""}));
  std::set<std::string> ids;
  for (const auto& count : counts) ids.insert(count.run_id);
  for (const auto& id : ids) {
    const auto run = work->runs.find(id);
    if (run == work->runs.end()) continue;
    if (named.empty() && !is_chosen(*work, run->second)) continue;
    work->chosen.push_back(id);
  }
  std::ranges::stable_sort(work->chosen, {},
                           [&](const std::string& id) { return work->runs.at(id).started_us; });
  return {};
}

Status look(Work* work) {
  auto& store = work->session.context.env.store;
  TRY(const auto history, run::read_history(store, work->session.pipeline));
  work->before = run::current_steps(history);
  TRY(const auto runs, state::list_runs(store));
  for (const auto& run : runs) {
    if (run.pipeline_name == work->session.pipeline.name) work->runs.emplace(run.run_id, run);
  }
  return choose(work);
}

// The keys that passed when the landings were merged, by building their windows as they were.
Status remember_passed(const run::BuildContext& context, Work* work) {
  run::ScratchStore scratch(context.run.env.store);
  for (const auto& landing : work->chosen) {
    auto& passed = work->passed_before[landing];
    passed.resize(context.pipeline.tables.size());
    const auto* step = find_step(work->before, landing);
    if (step == nullptr) continue;
    TRY(run::build_window(context, *step));
    TRY(const auto then, run::pipeline_of_run(context, step->pipeline_run));
    for (std::size_t index = 0; index < passed.size(); ++index) {
      const auto* table = then.table(context.pipeline.tables[index].name);
      if (table == nullptr) continue;
      TRY(visit_window(scratch, landing, *table,
                       [&](std::string_view key, const auto&) { passed[index].emplace(key); }));
    }
  }
  return {};
}

bool has_same_columns(const config::Pipeline& left, const config::Pipeline& right) {
  return std::ranges::equal(left.tables, right.tables, [](const auto& one, const auto& other) {
    return one.name == other.name && one.schema() == other.schema() &&
           one.partition_by == other.partition_by;
  });
}

Result<std::vector<run::Step>> new_steps(const run::BuildContext& context, const Work& work,
                                         const std::string& run_id) {
  std::map<std::string, std::int64_t> started_us;
  for (const auto& [id, run] : work.runs) started_us[id] = run.started_us;
  std::map<std::string, bool> differs;
  for (const auto& step : work.before) {
    if (differs.contains(step.pipeline_run)) continue;
    TRY(const auto then, run::pipeline_of_run(context, step.pipeline_run));
    differs[step.pipeline_run] = !has_same_columns(then, context.pipeline);
  }
  return steps_with(work.before, work.chosen, started_us, run_id,
                    [&](const run::Step& step) { return differs.at(step.pipeline_run); });
}

Result<ReplayedRejections> judge(const Work& work, io::ObjectStore& scratch,
                                 const std::vector<run::Step>& steps, const std::string& landing,
                                 std::size_t index) {
  constexpr std::size_t kExamplesMax = 5;
  const auto& table = work.session.pipeline.tables[index];
  KeySet later;
  bool is_later = false;
  const auto take = [&](std::string_view key, const auto&) { later.emplace(key); };
  for (const auto& step : steps) {
    // Only rows that passed are newer: a later rejection leaves what there was.
    if (is_later) TRY(visit_window(scratch, step.landing, table, take));
    is_later = is_later || step.landing == landing;
  }
  TRY(const auto published, table_keys(scratch, table));
  ReplayedRejections result;
  result.landing = landing;
  result.table = table.name;
  const auto& passed = work.passed_before.at(landing)[index];
  TRY(visit_window(scratch, landing, table, [&](std::string_view view, const auto& text) {
    const std::string key(view);
    if (passed.contains(key)) return;
    if (!later.contains(key) && published.contains(key)) {
      ++result.landed;
      return;
    }
    ++result.newer_stays;
    if (result.newer_keys.size() < kExamplesMax) result.newer_keys.push_back(text());
  }));
  TRY(const auto summary, state::read_summary(scratch, landing, "transform"));
  for (const auto& counts : summary.tables) {
    if (counts.table == table.name) result.still_rejected = counts.rejected;
  }
  return result;
}

Status judge_all(const Work& work, const std::vector<run::Step>& steps,
                 std::vector<ReplayedRejections>* rows) {
  run::ScratchStore scratch(work.session.context.env.store);
  for (const auto& landing : work.chosen) {
    for (std::size_t index = 0; index < work.session.pipeline.tables.size(); ++index) {
      TRY(auto result, judge(work, scratch, steps, landing, index));
      rows->push_back(std::move(result));
    }
  }
  return {};
}

QuarantineReplay refuse(run::Session* session, const base::Error& error) {
  return {run::refused(run::begin_report(*session, ""), error, session->context.events), {}};
}

}  // namespace

std::vector<run::Step> steps_with(const std::vector<run::Step>& steps,
                                  const std::vector<std::string>& chosen,
                                  const std::map<std::string, std::int64_t>& started_us,
                                  const std::string& pipeline_run,
                                  const std::function<bool(const run::Step&)>& needs_present) {
  const auto start_of = [&](const std::string& landing) {
    const auto found = started_us.find(landing);
    return found == started_us.end() ? INT64_MIN : found->second;
  };
  auto all = steps;
  for (const auto& landing : chosen) {
    if (find_step(all, landing) != nullptr) continue;
    const auto place = std::ranges::find_if(
        all, [&](const run::Step& step) { return start_of(step.landing) > start_of(landing); });
    all.insert(place, {landing, pipeline_run});
  }
  bool is_after = false;
  for (auto& step : all) {
    const bool is_one = std::ranges::find(chosen, step.landing) != chosen.end();
    is_after = is_after || is_one;
    const bool follows = is_after && step.pipeline_run != pipeline_run && needs_present(step);
    if (is_one || follows) step.pipeline_run = pipeline_run;
  }
  return all;
}

QuarantineReplay replay_quarantine(const config::Pipeline& pipeline, const run::Options& options,
                                   const state::RunContext& context) {
  run::Session session{pipeline, options, context, nullptr};
  const auto locked = run::take_lock(&session, "");
  if (!locked.ok()) return refuse(&session, locked.error());
  Work work{session, {}, {}, {}, {}};
  const auto looked = look(&work);
  if (!looked.ok()) return refuse(&session, looked.error());
  if (work.chosen.empty()) return {};
  const run::BuildContext build{pipeline, options, context};
  const auto remembered = remember_passed(build, &work);
  if (!remembered.ok()) return refuse(&session, remembered.error());
  auto run = DerivedRun::begin(&session);
  if (!run.ok()) return refuse(&session, run.error());
  auto steps = new_steps(build, work, run.value().run_id());
  QuarantineReplay result;
  if (!steps.ok()) return {run.value().fail(steps.error()), {}};
  result.outcome = publish_steps(&session, &run.value(), steps.value(),
                                 [&] { return judge_all(work, steps.value(), &result.rows); });
  return result;
}

}  // namespace ashore::rebuild
