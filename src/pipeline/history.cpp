// Logs say the order of what changed; manifests say what changed nothing.
#include "pipeline/history.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "state/manifest.h"
#include "state/run_folder.h"

namespace ashore::pipeline {

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

Result<TableLog> read_table_log(io::ObjectStore& store, const std::string& table) {
  TableLog log;
  log.table = table;
  const auto folder = state::table_folder(table);
  TRY(const auto newest, delta::newest_version(store, folder));
  for (std::int64_t version = 0; version <= newest; ++version) {
    const auto path = delta::log_path(folder, version);
    TRY(auto text, store.read(path));
    TRY(auto actions, delta::parse_log(std::move(text)).within(store.location_of(path)));
    if (actions.run_id.empty()) {
      return base::permanent("another program committed version " + std::to_string(version) +
                             " of table '" + table + "': " + store.location_of(path))
          .with_remedy(
              "What no landing holds cannot be replayed: 'ashore replay --rebuild' needs "
              "the table's folder set aside first");
    }
    log.entries.push_back({std::move(actions.run_id), actions.time_ms});
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
  while (const auto entry = next_entry(logs)) {
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

// Landings by run id, of those this pipeline published.
struct Landings {
  std::map<std::string, state::RunInfo> by_id;
  std::vector<state::RunInfo> published;  // oldest landing first
};

Result<Landings> read_landings(io::ObjectStore& store, const spec::Pipeline& pipeline) {
  Landings landings;
  TRY(auto runs, state::list_runs(store));
  for (auto& run : runs) {
    if (run.pipeline_name != pipeline.name) continue;
    const bool is_published =
        std::ranges::find(run.complete_stages, "publish") != run.complete_stages.end();
    if (is_published) landings.published.push_back(run);
    landings.by_id.emplace(run.run_id, std::move(run));
  }
  return landings;
}

// Finds out what a publication was made of: its landing, or the record that its command left.
Status identify(io::ObjectStore& store, const Landings& landings, Publication* publication) {
  const auto landing = landings.by_id.find(publication->run_id);
  if (landing != landings.by_id.end()) {
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

// Runs that changed nothing, set among those that did by when they began.
std::vector<Publication> with_unchanged(std::vector<Publication> commits,
                                        const Landings& landings) {
  std::set<std::string> changed;
  for (const auto& commit : commits) changed.insert(commit.run_id);
  std::vector<Publication> history;
  auto next = landings.published.begin();
  const auto add_before = [&](std::int64_t started_us) {
    const auto versions =
        history.empty() ? decltype(Publication::versions)() : history.back().versions;
    for (; next != landings.published.end() && next->started_us < started_us; ++next) {
      if (changed.contains(next->run_id)) continue;
      history.push_back({next->run_id, next->started_us, versions, true, {}});
    }
  };
  for (auto& commit : commits) {
    add_before(commit.started_us);
    history.push_back(std::move(commit));
  }
  add_before(INT64_MAX);
  return history;
}

}  // namespace

Result<std::vector<Publication>> read_history(io::ObjectStore& store,
                                              const spec::Pipeline& pipeline) {
  std::vector<TableLog> logs;
  for (const auto& table : pipeline.tables) {
    TRY(auto log, read_table_log(store, table.name));
    logs.push_back(std::move(log));
  }
  auto commits = order_commits(std::move(logs));
  TRY(const auto landings, read_landings(store, pipeline));
  for (auto& commit : commits) TRY(identify(store, landings, &commit));
  return with_unchanged(std::move(commits), landings);
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
  TRY(store.write(steps_path(run_id), json.dump(1) + "\n"));
  const std::string paths[] = {steps_path(run_id)};
  return store.sync(paths);
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
    record.started_us = json.at("started_us").get<std::int64_t>();
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

}  // namespace ashore::pipeline
