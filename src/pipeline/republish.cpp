// A rebuild in the scratch, then a derived run.
#include "pipeline/republish.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/digest.h"
#include "pipeline/rebuild.h"
#include "pipeline/scratch_store.h"
#include "state/run_folder.h"

namespace ashore::pipeline {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

Result<std::vector<Target>> read_targets(io::ObjectStore& store, const spec::Pipeline& pipeline) {
  ScratchStore scratch(store);
  std::vector<Target> targets;
  for (const auto& table : pipeline.tables) {
    TRY(auto snapshot, delta::read_snapshot(scratch, state::table_folder(table.name)));
    if (snapshot) targets.push_back({table.name, std::move(*snapshot)});
  }
  return targets;
}

// A landing's rejections as they are now take the place of those before.
Status take_quarantine(io::ObjectStore& store, const spec::Pipeline& pipeline,
                       const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    for (const auto& table : pipeline.tables) {
      const auto path = state::quarantine_path(step.landing, table.name);
      const auto made = ScratchStore::place_of(path);
      TRY(const auto info, store.stat(made));
      TRY(info ? store.rename(made, path) : store.remove(path));
    }
  }
  return {};
}

// The rejections that held a rebuild, so that what the message names can be looked at.
Status show_quarantine(io::ObjectStore& store) {
  TRY(const auto files, store.list(ScratchStore::place_of("quarantine")));
  for (const auto& file : files) {
    TRY(store.rename(file.path, file.path.substr(kScratchFolder.size() + 1)));
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
  std::vector<std::string> mended;
  for (const auto& target : targets) {
    const auto folder = state::table_folder(target.table);
    TRY(const auto published, delta::read_snapshot(store, folder));
    if (!published) continue;
    std::set<std::string_view> paths;
    for (const auto& file : published->files) paths.insert(file.path);
    for (const auto& file : target.snapshot.files) {
      if (!paths.contains(file.path)) continue;
      const auto path = folder + "/" + file.path;
      TRY(const auto made, store.read(ScratchStore::place_of(path)));
      TRY(const bool is_whole, has_bytes(store, path, base::to_hex(base::sha256(made))));
      if (is_whole) continue;
      TRY(store.rename(ScratchStore::place_of(path), path));
      events.emit(base::Warned{"a published file was gone or changed and was put back: " + path});
      mended.push_back(path);
    }
  }
  return mended.empty() ? Status() : store.sync(mended);
}

void tell(const Status& status, base::EventSink& events) {
  if (!status.ok()) events.emit(base::Warned{status.error().message()});
}

}  // namespace

Outcome publish_steps(Session* session, DerivedRun* run, const std::vector<Step>& steps,
                      const std::function<Status()>& inspect) {
  auto& store = session->env.store;
  const RebuildContext context{session->pipeline, session->options, session->env, session->stop};
  session->events.emit(
      base::Noted{fmt::format("building the tables again from {} landing{}, without network",
                              steps.size(), steps.size() == 1 ? "" : "s")});
  const auto built = rebuild(context, steps);
  if (!built.ok()) {
    if (built.error().kind() == ErrorKind::kHeldByQuarantine) {
      tell(show_quarantine(store), session->events);
    }
    tell(clear_scratch(store), session->events);
    return run->fail(built.error());
  }
  const auto targets = read_targets(store, session->pipeline);
  if (!targets.ok()) return run->fail(targets.error());
  const auto inspected = inspect();
  if (!inspected.ok()) return run->fail(inspected.error());
  const auto mended = mend_files(store, targets.value(), session->events);
  if (!mended.ok()) return run->fail(mended.error());
  auto outcome = run->publish(targets.value(), steps, Audit::kYes);
  const bool is_published =
      outcome.report.status == "published" || outcome.report.status == "unchanged";
  if (is_published) {
    tell(take_quarantine(store, session->pipeline, steps), session->events);
  }
  tell(clear_scratch(store), session->events);
  return outcome;
}

Outcome rebuild_and_publish(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                            base::EventSink& events, const std::stop_token& stop) {
  Session session{pipeline, options, env, events, stop, nullptr};
  const auto locked = take_lock(&session, "");
  if (!locked.ok()) return refused(begin_report(session, ""), locked.error(), events);
  const auto history = read_history(env.store, pipeline);
  if (!history.ok()) return refused(begin_report(session, ""), history.error(), events);
  if (history.value().empty()) {
    const auto error = base::not_found("no landing was published yet, so nothing can be rebuilt")
                           .with_remedy("Run 'ashore run' first");
    return refused(begin_report(session, ""), error, events);
  }
  auto run = DerivedRun::begin(&session);
  if (!run.ok()) return refused(begin_report(session, ""), run.error(), events);
  std::vector<Step> steps;
  for (const auto& step : current_steps(history.value())) {
    const Step now{step.landing, run.value().run_id()};
    if (steps.empty() || steps.back() != now) steps.push_back(now);
  }
  return publish_steps(&session, &run.value(), steps, [] { return Status(); });
}

}  // namespace ashore::pipeline
