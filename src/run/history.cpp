// Puts publications in order from logs and manifests.
// Logs say the order of what changed; manifests say what changed nothing.
#include "run/history.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "state/json_integer.h"
#include "state/manifest.h"
#include "state/run_folder.h"
#include "state/summary.h"

namespace ashore::run {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "ashore.steps/1";

std::string steps_path(const std::string& run_id) { return state::run_file(run_id, "steps.json"); }

// One version of one table's log.
struct LogEntry {
  std::string run_id;
  std::int64_t time_ms = 0;
};
struct TableLog {
  std::string table;
  std::vector<LogEntry> entries;  // by version
  std::size_t next = 0;           // the first that no publication has taken
};

Result<std::int64_t> newest_good(io::ObjectStore& store, const std::string& table,
                                 const GoodVersions& good_versions) {
  const auto known = good_versions.find(table);
  if (known != good_versions.end()) return known->second - 1;
  return delta::newest_version(store, state::table_folder(table));
}

Result<TableLog> read_table_log(io::ObjectStore& store, const std::string& table,
                                const GoodVersions& good_versions, bool force) {
  TableLog log;
  log.table = table;
  const auto folder = state::table_folder(table);
  TRY(const auto newest, newest_good(store, table, good_versions));
  for (std::int64_t version = 0; version <= newest; ++version) {
    const auto path = delta::log_path(folder, version);
    TRY(const auto text, store.map(path));
    TRY(auto author, delta::parse_log_author(text->bytes()).within(store.location_of(path)));
    if (author.run_id.empty() && !force) {
      return base::permanent("another program committed version " + std::to_string(version) +
                             " of table '" + table + "': " + store.location_of(path))
          .with_remedy(
              "What no landing holds cannot be replayed; 'ashore replay --rebuild --force' builds "
              "the tables without it");
    }
    log.entries.push_back({std::move(author.run_id), author.time_ms});
  }
  return log;
}

// True where another table's log has this run's commit later than its next one: that commit was
// first.
bool stands_later(const std::vector<TableLog>& logs, const LogEntry& entry) {
  return std::ranges::any_of(logs, [&](const TableLog& log) {
    if (log.next >= log.entries.size() || log.entries[log.next].run_id == entry.run_id) {
      return false;
    }
    return std::any_of(log.entries.begin() + static_cast<std::ptrdiff_t>(log.next),
                       log.entries.end(),
                       [&](const LogEntry& other) { return other.run_id == entry.run_id; });
  });
}

// The run whose commits come next over all tables, or nothing at the end.
std::optional<LogEntry> next_entry(const std::vector<TableLog>& logs) {
  std::optional<LogEntry> best;
  std::optional<LogEntry> any;
  for (const auto& log : logs) {
    if (log.next >= log.entries.size()) continue;
    const auto& entry = log.entries[log.next];
    if (!any) any = entry;
    if (stands_later(logs, entry)) continue;
    if (!best || entry.time_ms < best->time_ms) best = entry;
  }
  return best ? best : any;
}

// The publications that committed something, in order, with the versions they left.
std::vector<Publication> order_commits(std::vector<TableLog> logs) {
  std::vector<Publication> publications;
  std::map<std::string, std::int64_t> versions;
  // Commits of other programs, where they were let through, are of no run.
  const auto skip_others = [&] {
    for (auto& log : logs) {
      while (log.next < log.entries.size() && log.entries[log.next].run_id.empty()) ++log.next;
    }
  };
  for (skip_others();; skip_others()) {
    const auto entry = next_entry(logs);
    if (!entry) break;
    Publication publication;
    publication.run_id = entry->run_id;
    for (auto& log : logs) {
      if (log.next >= log.entries.size()) continue;
      if (log.entries[log.next].run_id != entry->run_id) continue;
      versions[log.table] = static_cast<std::int64_t>(log.next++);
    }
    publication.versions = versions;
    publications.push_back(std::move(publication));
  }
  return publications;
}

base::Error lost_record(io::ObjectStore& store, const std::string& run_id) {
  return base::permanent("the record of published run '" + run_id + "' is gone: " +
                         store.location_of(state::stage_manifest_path(run_id, "extract")))
      .with_remedy(
          "Bring back the run's folder from a backup; without it the published tables "
          "cannot be built again from raw");
}

// The runs that bear on this pipeline's tables.
struct Runs {
  std::map<std::string, state::RunInfo> landings;  // by run id
  std::vector<std::string> published;              // all that have a publish manifest
};

// Landings, and published runs that have a record instead of a landing.
Result<Runs> read_runs(io::ObjectStore& store, const config::Pipeline& pipeline) {
  Runs runs;
  TRY(auto infos, state::list_runs(store));
  for (auto& info : infos) {
    if (info.pipeline_name == pipeline.name) runs.landings.emplace(info.run_id, std::move(info));
  }
  TRY(const auto folders, store.list_names("runs"));
  for (const auto& folder : folders) {
    auto manifest = state::read_manifest(store, "runs/" + folder + "/publish.manifest.json");
    if (!manifest.ok() && manifest.error().kind() == ErrorKind::kNotFound) continue;
    TRY(const auto found, std::move(manifest));
    if (found.pipeline_name == pipeline.name) runs.published.push_back(found.run_id);
  }
  return runs;
}

// Finds out what a publication was made of: its landing, or the record that its command left.
Status identify(io::ObjectStore& store, const Runs& runs, Publication* publication) {
  const auto landing = runs.landings.find(publication->run_id);
  if (landing != runs.landings.end()) {
    publication->started_us = landing->second.started_us;
    return {};
  }
  auto record = read_steps(store, publication->run_id);
  if (!record.ok() && record.error().kind() == ErrorKind::kNotFound) {
    return lost_record(store, publication->run_id);
  }
  TRY(auto found, std::move(record));
  publication->started_us = found.started_us;
  publication->is_landing = false;
  publication->steps = std::move(found.steps);
  return {};
}

bool is_covered(const std::map<std::string, std::int64_t>& versions,
                const std::map<std::string, std::int64_t>& later) {
  return std::ranges::all_of(versions, [&](const auto& entry) {
    const auto found = later.find(entry.first);
    return found != later.end() && entry.second <= found->second;
  });
}

// How many of the commits came before a run that changed nothing: those of the versions that it
// found. But never past a record made after the run began: that one counted it already (a rebuild
// of lost tables begins again at version 0).
std::size_t place_of(const Publication& unchanged, const std::vector<Publication>& commits) {
  std::size_t place = 0;
  while (place < commits.size() && is_covered(commits[place].versions, unchanged.versions)) {
    const auto& commit = commits[place];
    if (!commit.is_landing && commit.started_us > unchanged.started_us) break;
    ++place;
  }
  return place;
}

// The published runs without a commit, with the versions that they found.
Result<std::vector<Publication>> read_unchanged(io::ObjectStore& store, const Runs& runs,
                                                const std::vector<Publication>& commits,
                                                bool force) {
  std::set<std::string_view> changed;
  for (const auto& commit : commits) changed.insert(commit.run_id);
  std::vector<Publication> unchanged;
  for (const auto& run_id : runs.published) {
    if (changed.contains(run_id)) continue;
    Publication publication;
    publication.run_id = run_id;
    const auto identified = identify(store, runs, &publication);
    if (!identified.ok() && force) continue;
    TRY(identified);
    TRY(const auto summary, state::read_summary(store, run_id, "publish"));
    for (const auto& table : summary.tables) {
      if (table.version) publication.versions[table.table] = *table.version;
    }
    unchanged.push_back(std::move(publication));
  }
  std::ranges::stable_sort(unchanged, {}, &Publication::started_us);
  return unchanged;
}

std::vector<Publication> set_in(std::vector<Publication> unchanged,
                                std::vector<Publication> commits) {
  std::vector<std::vector<Publication>> before(commits.size() + 1);
  for (auto& publication : unchanged) {
    const auto place = place_of(publication, commits);
    publication.versions =
        place == 0 ? decltype(publication.versions)() : commits[place - 1].versions;
    before[place].push_back(std::move(publication));
  }
  std::vector<Publication> history;
  for (std::size_t index = 0; index <= commits.size(); ++index) {
    for (auto& publication : before[index]) history.push_back(std::move(publication));
    if (index < commits.size()) history.push_back(std::move(commits[index]));
  }
  return history;
}

}  // namespace

Result<std::vector<Publication>> read_history(io::ObjectStore& store,
                                              const config::Pipeline& pipeline,
                                              const GoodVersions& good_versions, bool force) {
  std::vector<TableLog> logs;
  for (const auto& table : pipeline.tables) {
    TRY(auto log, read_table_log(store, table.name, good_versions, force));
    logs.push_back(std::move(log));
  }
  auto commits = order_commits(std::move(logs));
  TRY(const auto runs, read_runs(store, pipeline));
  std::vector<Publication> known;
  for (auto& commit : commits) {
    const auto identified = identify(store, runs, &commit);
    if (identified.ok()) known.push_back(std::move(commit));
    if (!identified.ok() && !force) return identified.error();
  }
  commits = std::move(known);
  TRY(auto unchanged, read_unchanged(store, runs, commits, force));
  return set_in(std::move(unchanged), std::move(commits));
}

std::vector<Step> steps_after(const std::vector<Publication>& history, std::size_t index) {
  assert(index < history.size());
  std::size_t first = index;
  while (first > 0 && history[first].is_landing) --first;
  std::vector<Step> steps = history[first].steps;
  for (std::size_t each = first; each <= index; ++each) {
    if (history[each].is_landing) steps.push_back({history[each].run_id, history[each].run_id});
  }
  return steps;
}

std::vector<Step> current_steps(const std::vector<Publication>& history) {
  return history.empty() ? std::vector<Step>() : steps_after(history, history.size() - 1);
}

Status write_steps(io::ObjectStore& store, const std::string& run_id, const StepsRecord& record) {
  Json json = {{"format", kFormat},
               {"command", record.command},
               {"started_us", record.started_us},
               {"steps", Json::array()}};
  for (const auto& step : record.steps) {
    json["steps"].push_back({{"landing", step.landing}, {"pipeline_run", step.pipeline_run}});
  }
  return store.write_durable(steps_path(run_id), json.dump(1) + "\n");
}

Result<StepsRecord> read_steps(io::ObjectStore& store, const std::string& run_id) {
  TRY(const auto text, store.read(steps_path(run_id)));
  try {
    const auto json = Json::parse(text);
    if (json.at("format") != kFormat) {
      return base::permanent("not a record of steps: " + store.location_of(steps_path(run_id)));
    }
    StepsRecord record;
    record.command = json.at("command").get<std::string>();
    record.started_us = state::integer_of(json.at("started_us"));
    for (const auto& step : json.at("steps")) {
      record.steps.push_back(
          {step.at("landing").get<std::string>(), step.at("pipeline_run").get<std::string>()});
    }
    return record;
  } catch (const Json::exception& exception) {
    return base::permanent("cannot be read: " + store.location_of(steps_path(run_id)) + ": " +
                           exception.what());
  }
}

Result<std::int64_t> newest_landing_us(io::ObjectStore& store, const config::Pipeline& pipeline) {
  std::int64_t newest = INT64_MIN;
  for (const auto& table : pipeline.tables) {
    TRY(const auto snapshot, delta::read_snapshot(store, state::table_folder(table.name)));
    if (!snapshot) continue;
    const auto found = snapshot->transactions.find("ashore/" + pipeline.name);
    if (found != snapshot->transactions.end()) newest = std::max(newest, found->second);
  }
  return newest;
}

}  // namespace ashore::run
