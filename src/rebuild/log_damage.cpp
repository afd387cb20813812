// Looks through log files for damage.
// What stands before the damage stays; what stands behind it is built again.
#include "rebuild/log_damage.h"

#include <algorithm>
#include <vector>

#include "delta/candidate.h"
#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "publish/publish.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

namespace {

using base::Result;
using base::Status;

std::vector<std::int64_t> versions_in(const std::vector<std::string>& names) {
  std::vector<std::int64_t> versions;
  for (const auto& name : names) {
    if (const auto version = delta::version_of_log_name(name)) versions.push_back(*version);
  }
  std::ranges::sort(versions);
  return versions;
}

// The table id that a log file names, damaged or not; "".
std::string id_in(const std::string& text) {
  constexpr std::string_view kMark = "{\"metaData\":{\"id\":\"";
  const auto begin = text.find(kMark);
  if (begin == std::string::npos) return "";
  const auto end = text.find('"', begin + kMark.size());
  if (end == std::string::npos) return "";
  return text.substr(begin + kMark.size(), end - begin - kMark.size());
}

// The table id that some run's candidate names; "".
Result<std::string> id_in_candidates(io::ObjectStore& store, const std::string& table) {
  TRY(const auto runs, store.list_names("runs"));
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    const auto text = store.read("runs/" + *run + "/candidate.json");
    if (!text.ok()) continue;
    const auto candidate = delta::parse_candidate(text.value());
    if (!candidate.ok()) continue;
    for (const auto& one : candidate.value().tables) {
      if (one.table == table && !one.table_id.empty()) return one.table_id;
    }
  }
  return std::string();
}

base::Error not_ours(const std::string& path) {
  return base::permanent("another program committed behind a damaged log file: " + path)
      .with_remedy(
          "What no landing holds cannot be built again: restore the log from a copy, or say "
          "--force to build the tables without it.");
}

Status examine(io::ObjectStore& store, const std::string& table, bool force, LogDamage* damage) {
  const auto folder = state::table_folder(table);
  TRY(const auto names, store.list_names(folder + "/_delta_log"));
  const auto versions = versions_in(names);
  std::int64_t good = 0;
  bool is_damaged = false;
  std::string id;
  for (const auto version : versions) {
    const auto path = delta::log_path(folder, version);
    TRY(const auto text, store.read(path));
    if (id.empty()) id = id_in(text);
    const bool is_bad = delta::is_damaged_log(text);
    is_damaged = is_damaged || is_bad || version != good;
    if (!is_damaged) ++good;
    const bool is_ours = text.find("\"ashoreRunId\":") != std::string::npos;
    if (is_damaged && !is_bad && !is_ours && !force) return not_ours(store.location_of(path));
  }
  if (!is_damaged) return {};
  damage->good_versions[table] = good;
  if (id.empty()) {
    TRY(id, id_in_candidates(store, table));
  }
  if (!id.empty()) damage->table_ids[table] = id;
  return {};
}

}  // namespace

Result<LogDamage> find_log_damage(io::ObjectStore& store, const config::Pipeline& pipeline,
                                  bool force) {
  LogDamage damage;
  for (const auto& table : pipeline.tables) TRY(examine(store, table.name, force, &damage));
  return damage;
}

Status set_aside(io::ObjectStore& store, const LogDamage& damage, base::EventSink& events) {
  for (const auto& [table, good] : damage.good_versions) {
    const auto folder = state::table_folder(table);
    TRY(const auto names, store.list_names(folder + "/_delta_log"));
    for (const auto version : versions_in(names)) {
      if (version < good) continue;
      TRY(publish::keep_as_evidence(store, table, delta::log_path(folder, version)));
    }
    events.emit(base::Warned{"table '" + table + "': its log is damaged from version " +
                             std::to_string(good) + " on; what was there lies in " +
                             store.location_of("stage/.evidence/" + table)});
  }
  return {};
}

}  // namespace ashore::rebuild
