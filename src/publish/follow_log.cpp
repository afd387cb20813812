// Makes the folders of tables equal to their logs.
// Where no record tells what a publication was about, the log alone does.
#include <set>
#include <utility>

#include "delta/snapshot.h"
#include "publish/dead_candidates.h"
#include "publish/intents.h"
#include "publish/publish.h"
#include "state/run_folder.h"

namespace ashore::publish {

using base::Result;
using base::Status;

namespace {

constexpr std::string_view kEvidence = "stage/.evidence";

// A record that can be read is finished like any; one that cannot is set aside.
Status resolve_intent(const state::RunContext& context) {
  TRY(const bool was_damaged, set_damaged_intent_aside(context.env.store));
  if (!was_damaged) {
    TRY([[maybe_unused]] const auto finished, finish_intent(context));
    return {};
  }
  context.events.emit(base::Warned{"the damaged record of an interrupted publication lies in " +
                                   context.env.store.location_of(kEvidence)});
  return {};
}

}  // namespace

Status keep_as_evidence(io::ObjectStore& store, const std::string& table, const std::string& path) {
  const auto folder = std::string(kEvidence) + (table.empty() ? "" : "/" + table);
  const auto name = path.substr(path.rfind('/') + 1);
  auto target = folder + "/" + name;
  for (int number = 2;; ++number) {
    TRY(const auto info, store.stat(target));
    if (!info) break;
    target = folder + "/" + name + "." + std::to_string(number);
  }
  return store.rename(path, target);
}

Status follow_log(const std::string& table, const state::RunContext& context) {
  const auto folder = state::table_folder(table);
  TRY(const auto snapshot, delta::read_snapshot(context.env.store, folder));
  if (!snapshot) return {};
  std::set<std::string> named;
  for (const auto& file : snapshot->files) named.insert(folder + "/" + file.path);
  TRY(const auto there, context.env.store.list(folder));
  std::int64_t moved = 0;
  for (const auto& file : there) {
    if (named.erase(file.path) > 0 || !file.path.ends_with(".parquet")) continue;
    // There it may be another's candidate, or superseded and kept for a while.
    if (!context.env.store.is_file_system()) continue;
    TRY(keep_as_evidence(context.env.store, table, file.path));
    ++moved;
  }
  if (moved > 0) {
    context.events.emit(
        base::Warned{"table '" + table + "': " + std::to_string(moved) +
                     (moved == 1 ? " file that its log does not name lies in "
                                 : " files that its log does not name lie in ") +
                     context.env.store.location_of(std::string(kEvidence) + "/" + table)});
  }
  if (named.empty()) return {};
  return base::permanent("table '" + table + "': the log names " + std::to_string(named.size()) +
                         (named.size() == 1 ? " file that is gone: " : " files that are gone: ") +
                         context.env.store.location_of(*named.begin()))
      .with_remedy("'ashore replay PIPELINE --rebuild' makes it again from the landed pages.");
}

Status follow_logs(const state::RunContext& context) {
  TRY(resolve_intent(context));
  TRY(remove_dead_candidates(context.env.store).within("remove what dead runs left staged"));
  TRY(const auto tables, context.env.store.list_names("stage"));
  Status first;
  for (const auto& table : tables) {
    if (table.starts_with('.')) continue;
    auto followed = follow_log(table, context);
    if (first.ok()) first = std::move(followed);
  }
  return first;
}

}  // namespace ashore::publish
