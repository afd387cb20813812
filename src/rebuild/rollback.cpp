// Publishes an earlier version of the tables, from the log or built again.
// The log knows what a table was; what it no longer has is built again and must be the same.
#include "rebuild/rollback.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "rebuild/derived_run.h"
#include "run/history.h"
#include "run/pins.h"
#include "run/scratch_store.h"
#include "run/scratch_tables.h"
#include "run/session.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

namespace {

using base::Result;
using base::Status;

Result<std::size_t> find_publication(const std::vector<run::Publication>& history,
                                     const std::string& run_id) {
  for (std::size_t index = history.size(); index > 0; --index) {
    if (history[index - 1].run_id == run_id) return index - 1;
  }
  std::string known;
  const std::size_t first = history.size() > 5 ? history.size() - 5 : 0;
  for (std::size_t index = first; index < history.size(); ++index) {
    known += (known.empty() ? "" : ", ") + history[index].run_id;
  }
  return base::permanent("run was never published: '" + run_id + "'")
      .with_remedy(known.empty() ? "Nothing is published yet: 'ashore run' does"
                                 : "The last published runs are: " + known);
}

// What each table was; one that was not made yet was without rows.
Result<std::vector<Target>> targets_at(io::ObjectStore& store, const config::Pipeline& pipeline,
                                       const run::Publication& publication) {
  std::vector<Target> targets;
  for (const auto& table : pipeline.tables) {
    const auto folder = state::table_folder(table.name);
    const auto version = publication.versions.find(table.name);
    if (version != publication.versions.end()) {
      TRY(auto snapshot, delta::read_snapshot_at(store, folder, version->second));
      targets.push_back({table.name, std::move(snapshot)});
      continue;
    }
    TRY(auto current, delta::read_snapshot(store, folder));
    if (!current) continue;
    current->files.clear();
    targets.push_back({table.name, std::move(*current)});
  }
  return targets;
}

Result<bool> is_there(io::ObjectStore& store, const std::string& path, const delta::AddFile& file) {
  TRY(const auto info, store.stat(path));
  return info && info->bytes == file.bytes;
}

// The first file of the targets that lies neither in its place nor in the scratch, or "".
Result<std::string> find_missing(io::ObjectStore& store, const std::vector<Target>& targets) {
  for (const auto& target : targets) {
    for (const auto& file : target.snapshot.files) {
      const auto path = state::table_folder(target.table) + "/" + file.path;
      TRY(const bool is_in_place, is_there(store, path, file));
      if (is_in_place) continue;
      TRY(const bool is_made, is_there(store, run::ScratchStore::place_of(store, path), file));
      if (!is_made) return path;
    }
  }
  return std::string();
}

// Builds what was deleted since (`retain: 0s`) from the landings of that time.
Status bring_back(const run::BuildContext& context, const std::vector<Target>& targets,
                  const std::vector<run::Step>& steps) {
  auto& store = context.run.env.store;
  TRY(run::clear_scratch(store));
  TRY(const auto deleted, find_missing(store, targets));
  if (deleted.empty()) return {};
  context.run.events.emit(
      base::Noted{"files of that version were deleted since: building them again from " +
                  std::to_string(steps.size()) + " landings"});
  TRY(run::build_tables(context, steps).within("'" + store.location_of(deleted) + "' is gone"));
  TRY(const auto missing, find_missing(store, targets));
  if (missing.empty()) return {};
  return base::permanent("the file is gone and its landings make another one today: " +
                         store.location_of(missing))
      .with_remedy(
          "Use the release of ashore that made it (runs/<run>/publish.manifest.json names it), or "
          "bring the file back from a backup");
}

}  // namespace

report::Outcome roll_back(const std::string& run_id, const config::Pipeline& pipeline,
                          const run::Options& asked, const state::RunContext& context) {
  auto options = asked;
  options.ignores_pins = true;
  run::Session session{pipeline, options, context, nullptr};
  const auto locked = run::take_lock(&session, "");
  if (!locked.ok())
    return run::refused(run::begin_report(session, ""), locked.error(), context.events);
  std::vector<Target> targets;
  std::vector<run::Step> steps;
  const auto find = [&]() -> Status {
    TRY(const auto history, run::read_history(context.env.store, pipeline));
    TRY(const auto index, find_publication(history, run_id));
    TRY(targets, targets_at(context.env.store, pipeline, history[index]));
    steps = run::steps_after(history, index);
    return bring_back({pipeline, options, context}, targets, steps);
  };
  const auto found = find().within("roll back to run '" + run_id + "'");
  if (!found.ok())
    return run::refused(run::begin_report(session, ""), found.error(), context.events);
  auto run = DerivedRun::begin(&session);
  if (!run.ok()) return run::refused(run::begin_report(session, ""), run.error(), context.events);
  auto outcome = run.value().publish(targets, steps, Audit::kNo);
  const bool is_done = outcome.report.status == "published" || outcome.report.status == "unchanged";
  if (options.pins && is_done) {
    const auto pinned = run::pin(context.env, pipeline, run_id);
    if (!pinned.ok()) context.events.emit(base::Warned{pinned.error().message()});
  }
  const auto cleared = run::clear_scratch(context.env.store);
  if (!cleared.ok()) context.events.emit(base::Warned{cleared.error().message()});
  return outcome;
}

}  // namespace ashore::rebuild
