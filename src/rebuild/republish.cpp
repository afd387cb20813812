// Builds tables in the scratch and publishes them as a derived run.
#include "rebuild/republish.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/digest.h"
#include "publish/publish.h"
#include "rebuild/log_damage.h"
#include "run/scratch_store.h"
#include "run/scratch_tables.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

Result<std::vector<Target>> read_targets(io::ObjectStore& store, const config::Pipeline& pipeline) {
  run::ScratchStore scratch(store);
  std::vector<Target> targets;
  for (const auto& table : pipeline.tables) {
    TRY(auto snapshot, delta::read_snapshot(scratch, state::table_folder(table.name)));
    if (snapshot) targets.push_back({table.name, std::move(*snapshot)});
  }
  return targets;
}

// A landing's rejections as they are now take the place of those before.
Status take_quarantine(io::ObjectStore& store, const config::Pipeline& pipeline,
                       const std::vector<run::Step>& steps) {
  for (const auto& step : steps) {
    for (const auto& table : pipeline.tables) {
      const auto path = state::quarantine_path(step.landing, table.name);
      const auto made = run::ScratchStore::place_of(store, path);
      TRY(const auto info, store.stat(made));
      TRY(info ? store.rename(made, path) : store.remove(path));
    }
  }
  return {};
}

// The rejections that blocked a rebuild, so that what the message names can be looked at.
Status show_quarantine(io::ObjectStore& store) {
  TRY(const auto files, store.list(run::ScratchStore::place_of(store, "quarantine")));
  for (const auto& file : files) {
    TRY(store.rename(file.path, file.path.substr(run::scratch_folder(store).size() + 1)));
  }
  return {};
}

Result<bool> has_bytes(io::ObjectStore& store, const std::string& path, std::string_view sha256) {
  const auto bytes = store.read(path);
  if (bytes.ok()) return base::to_hex(base::sha256(bytes.value())).starts_with(sha256);
  if (bytes.error().kind() == ErrorKind::kNotFound) return false;
  return bytes.error();
}

// A published file that is gone or was changed, and that the landings make again, is put back under
// its own name, which holds the digest of its content.
Status mend_files(io::ObjectStore& store, const std::vector<Target>& targets,
                  base::EventSink& events) {
  std::vector<std::string> fixed;
  for (const auto& target : targets) {
    const auto folder = state::table_folder(target.table);
    TRY(const auto published, delta::read_snapshot(store, folder));
    if (!published) continue;
    std::set<std::string_view> paths;
    for (const auto& file : published->files) paths.insert(file.path);
    for (const auto& file : target.snapshot.files) {
      if (!paths.contains(file.path)) continue;
      const auto path = folder + "/" + file.path;
      TRY(const auto made, store.read(run::ScratchStore::place_of(store, path)));
      TRY(const bool is_whole, has_bytes(store, path, base::to_hex(base::sha256(made))));
      if (is_whole) continue;
      TRY(store.rename(run::ScratchStore::place_of(store, path), path));
      events.emit(base::Warned{"a published file was gone or changed and was put back: " + path});
      fixed.push_back(path);
    }
  }
  return fixed.empty() ? Status() : store.sync(fixed);
}

// Whether a landing's manifest and all of its pages are there.
bool is_whole(io::ObjectStore& store, const std::string& run_id) {
  const auto landing = state::read_manifest(store, state::stage_manifest_path(run_id, "extract"));
  if (!landing.ok()) return false;
  return std::ranges::all_of(landing.value().files, [&](const state::ManifestFile& file) {
    const auto info = store.stat(file.path);
    return info.ok() && info.value() && info.value()->bytes == file.bytes;
  });
}

void tell(const Status& status, base::EventSink& events) {
  if (!status.ok()) events.emit(base::Warned{status.error().message()});
}

}  // namespace

report::Outcome publish_steps(run::Session* session, DerivedRun* run,
                              const std::vector<run::Step>& steps,
                              const std::function<Status()>& inspect,
                              const std::map<std::string, std::string>& table_ids) {
  auto& store = session->context.env.store;
  const run::BuildContext context{session->pipeline, session->options, session->context};
  session->context.events.emit(
      base::Noted{fmt::format("building the tables again from {} landing{}, without network",
                              steps.size(), steps.size() == 1 ? "" : "s")});
  const auto built = run::build_tables(context, steps);
  if (!built.ok()) {
    if (built.error().kind() == ErrorKind::kBlockedByQuarantine) {
      tell(show_quarantine(store), session->context.events);
    }
    tell(run::clear_scratch(store), session->context.events);
    return run->fail(built.error());
  }
  auto targets = read_targets(store, session->pipeline);
  if (!targets.ok()) return run->fail(targets.error());
  for (auto& target : targets.value()) {
    const auto kept = table_ids.find(target.table);
    if (kept != table_ids.end()) target.snapshot.table_id = kept->second;
  }
  const auto inspected = inspect();
  if (!inspected.ok()) return run->fail(inspected.error());
  const auto fixed = mend_files(store, targets.value(), session->context.events);
  if (!fixed.ok()) return run->fail(fixed.error());
  auto outcome = run->publish(targets.value(), steps, Audit::kYes);
  const bool is_published =
      outcome.report.status == "published" || outcome.report.status == "unchanged";
  if (is_published) {
    tell(take_quarantine(store, session->pipeline, steps), session->context.events);
  }
  tell(run::clear_scratch(store), session->context.events);
  return outcome;
}

report::Outcome rebuild_and_publish(const config::Pipeline& pipeline, const run::Options& options,
                                    const state::RunContext& context) {
  run::Session session{pipeline, options, context, nullptr};
  const auto locked = run::take_lock(&session, "");
  if (!locked.ok())
    return run::refused(run::begin_report(session, ""), locked.error(), context.events);
  const auto damage = find_log_damage(context.env.store, pipeline, options.force);
  if (!damage.ok())
    return run::refused(run::begin_report(session, ""), damage.error(), context.events);
  const auto history =
      run::read_history(context.env.store, pipeline, damage.value().good_versions, options.force);
  if (!history.ok())
    return run::refused(run::begin_report(session, ""), history.error(), context.events);
  if (history.value().empty()) {
    const auto error = base::not_found("no landing was published yet, so nothing can be rebuilt")
                           .with_remedy("Run 'ashore run' first");
    return run::refused(run::begin_report(session, ""), error, context.events);
  }
  auto run = DerivedRun::begin(&session);
  if (!run.ok()) return run::refused(run::begin_report(session, ""), run.error(), context.events);
  std::vector<run::Step> steps;
  for (const auto& step : run::current_steps(history.value())) {
    if (options.force && !is_whole(context.env.store, step.landing)) {
      context.events.emit(
          base::Warned{"landing '" + step.landing + "' is not whole and was left out (--force)"});
      continue;
    }
    const run::Step now{step.landing, run.value().run_id()};
    if (steps.empty() || steps.back() != now) steps.push_back(now);
  }
  auto outcome = publish_steps(
      &session, &run.value(), steps,
      [&] { return set_aside(context.env.store, damage.value(), context.events); },
      damage.value().table_ids);
  for (const auto& [table, good] : damage.value().good_versions) {
    if (outcome.report.status == "failed") break;
    tell(publish::follow_log(table, context), context.events);
  }
  return outcome;
}

}  // namespace ashore::rebuild
