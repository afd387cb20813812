// The log knows what a table was; what it no longer has is built again and must be the same.
#include "pipeline/rollback.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "pipeline/derived_run.h"
#include "pipeline/history.h"
#include "pipeline/rebuild.h"
#include "pipeline/scratch_store.h"
#include "pipeline/session.h"
#include "state/run_folder.h"

namespace ashore::pipeline {

namespace {

using base::Result;
using base::Status;

Result<std::size_t> find_publication(const std::vector<Publication>& history,
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
Result<std::vector<Target>> targets_at(io::ObjectStore& store, const spec::Pipeline& pipeline,
                                       const Publication& publication) {
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
      TRY(const bool is_made, is_there(store, ScratchStore::place_of(path), file));
      if (!is_made) return path;
    }
  }
  return std::string();
}

// Builds what was deleted since (`retain: 0s`) from the landings of that time.
Status bring_back(const RebuildContext& context, const std::vector<Target>& targets,
                  const std::vector<Step>& steps, base::EventSink& events) {
  auto& store = context.env.store;
  TRY(clear_scratch(store));
  TRY(const auto deleted, find_missing(store, targets));
  if (deleted.empty()) return {};
  events.emit(base::Noted{"files of that version were deleted since: building them again from " +
                          std::to_string(steps.size()) + " landings"});
  TRY(rebuild(context, steps).within("'" + store.location_of(deleted) + "' is gone"));
  TRY(const auto missing, find_missing(store, targets));
  if (missing.empty()) return {};
  return base::permanent("the file is gone and its landings make another one today: " +
                         store.location_of(missing))
      .with_remedy(
          "Use the release of ashore that made it (runs/<run>/publish.manifest.json names it), or "
          "bring the file back from a backup");
}

}  // namespace

Outcome roll_back(const std::string& run_id, const spec::Pipeline& pipeline, const Options& options,
                  io::Env& env, base::EventSink& events, const std::stop_token& stop) {
  Session session{pipeline, options, env, events, stop, nullptr};
  const auto locked = take_lock(&session, "");
  if (!locked.ok()) return refused(begin_report(session, ""), locked.error(), events);
  std::vector<Target> targets;
  std::vector<Step> steps;
  const auto find = [&]() -> Status {
    TRY(const auto history, read_history(env.store, pipeline));
    TRY(const auto index, find_publication(history, run_id));
    TRY(targets, targets_at(env.store, pipeline, history[index]));
    steps = steps_after(history, index);
    return bring_back({pipeline, options, env, stop}, targets, steps, events);
  };
  const auto found = find().within("roll back to run '" + run_id + "'");
  if (!found.ok()) return refused(begin_report(session, ""), found.error(), events);
  auto run = DerivedRun::begin(&session);
  if (!run.ok()) return refused(begin_report(session, ""), run.error(), events);
  auto outcome = run.value().publish(targets, steps, Audit::kNo);
  const auto cleared = clear_scratch(env.store);
  if (!cleared.ok()) events.emit(base::Warned{cleared.error().message()});
  return outcome;
}

}  // namespace ashore::pipeline
