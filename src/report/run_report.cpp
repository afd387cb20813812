// Builds report.json from the summaries of a run's stages and reads it back for the history.
#include "report/run_report.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <tuple>

#include "state/run_folder.h"

namespace ashore::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "ashore.report/2";

void absorb_tables(const std::vector<state::TableCounts>& tables, RunReport* report) {
  for (const auto& counts : tables) {
    const auto found = std::ranges::find(report->tables, counts.table, &state::TableCounts::table);
    if (found == report->tables.end()) {
      report->tables.push_back(counts);
    } else {
      *found = counts;
    }
  }
}

Json optional_time(const std::optional<base::Timestamp>& timestamp) {
  return timestamp ? Json(base::format_timestamp(*timestamp)) : Json(nullptr);
}

Json extract_json(const state::ExtractCounts& counts) {
  return {{"requests", counts.requests},
          {"retries", counts.retries},
          {"pages", counts.pages},
          {"pages_reused", counts.pages_reused},
          {"bytes", counts.bytes},
          {"items", counts.items},
          {"total", counts.total ? Json(*counts.total) : Json(nullptr)}};
}

Json table_json(const state::TableCounts& counts) {
  return {{"rows_in", counts.rows_in},
          {"rows_out", counts.rows_out},
          {"dropped_null", counts.dropped_null},
          {"dropped_duplicate", counts.dropped_duplicate},
          {"rejected", counts.rejected},
          {"stale", counts.stale},
          {"missing", counts.missing},
          {"deleted", counts.deleted},
          {"moved", counts.moved},
          {"replaced", counts.replaced},
          {"inserted", counts.inserted},
          {"updated", counts.updated},
          {"unchanged", counts.unchanged},
          {"older", counts.older},
          {"partitions_total", counts.partitions_total},
          {"partitions_touched", counts.partitions_touched},
          {"files_added", counts.files_added},
          {"bytes_added", counts.bytes_added},
          {"version", counts.version ? Json(*counts.version) : Json(nullptr)}};
}

Json check_json(const state::CheckResult& check) { return Json::parse(state::check_json(check)); }

Json destination_json(const state::DestinationResult& destination) {
  Json tables = Json::object();
  std::int64_t version = -1;
  for (const auto& counts : destination.tables) {
    version = std::max(version, counts.version);
    tables[counts.table] = {{"inserted", counts.inserted},
                            {"updated", counts.updated},
                            {"deleted", counts.deleted},
                            {"unchanged", counts.unchanged},
                            {"version", counts.version}};
  }
  Json json = {{"name", destination.name}, {"version", version}, {"tables", std::move(tables)}};
  if (!destination.error.empty()) json["error"] = destination.error;
  return json;
}

Json unmapped_json(const state::UnmappedPath& path) {
  return {{"path", path.path}, {"count", path.count}, {"example", path.example}};
}

Json drift_json(const state::Drift& drift) {
  return {{"table", drift.table},       {"column", drift.column},  {"path", drift.path},
          {"kind", drift.kind},         {"found", drift.found},    {"count", drift.count},
          {"expected", drift.expected}, {"example", drift.example}};
}

template <typename T>
Json array_of(const std::vector<T>& values, Json (*convert)(const T&)) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(convert(value));
  return array;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

double number_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : 0;
}

std::int64_t count_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Json attempt_json(const StageAttempt& attempt) {
  return {{"name", attempt.name},
          {"attempt", attempt.attempt},
          {"started_at", attempt.started_at},
          {"ended_at", attempt.ended_at},
          {"outcome", attempt.outcome}};
}

// Reports of format 1 (release 0.1, which wrote no number) say `held` for blocked.
std::string outcome_text(const Json& json, const char* key) {
  const auto text = text_of(json, key);
  return text == "held" ? "blocked" : text;
}

// What of a run's report matters for the commands that follow.
struct Earlier {
  bool is_closed = false;
  std::string started_at;
  double seconds = 0;
  std::vector<StageAttempt> attempts;
};

Earlier earlier_of(const Json& json) {
  Earlier earlier;
  const auto status = text_of(json, "status");
  const auto stages = json.find("stages");
  const bool has_all = stages != json.end() && stages->contains("load");
  earlier.is_closed = has_all && (status == "published" || status == "unchanged");
  earlier.started_at = text_of(json, "started_at");
  earlier.seconds = number_of(json, "seconds");
  const auto attempts = json.find("stage_attempts");  // reports of earlier releases have none
  if (attempts == json.end() || !attempts->is_array()) return earlier;
  for (const auto& attempt : *attempts) {
    earlier.attempts.push_back({.name = text_of(attempt, "name"),
                                .attempt = count_of(attempt, "attempt"),
                                .started_at = text_of(attempt, "started_at"),
                                .ended_at = text_of(attempt, "ended_at"),
                                .outcome = outcome_text(attempt, "outcome")});
  }
  return earlier;
}

// Nothing where there is none, or none that can be read.
base::Result<std::optional<Earlier>> read_earlier(io::ObjectStore& store,
                                                  const std::string& run_id) {
  const auto text = store.read(state::run_file(run_id, "report.json"));
  if (!text.ok() && text.error().kind() == base::ErrorKind::kTransient) return text.error();
  const auto json = text.ok() ? Json::parse(text.value(), nullptr, false) : Json();
  if (!json.is_object()) return std::optional<Earlier>();
  return std::optional(earlier_of(json));
}

void append_to(const Earlier& earlier, RunReport* report) {
  const auto started = base::parse_timestamp(earlier.started_at, base::ZoneRule::kRequired);
  if (started.ok()) report->started_at = started.value();
  report->seconds += earlier.seconds;
  auto attempts = earlier.attempts;
  for (auto& attempt : report->stage_attempts) {
    attempt.attempt = 1 + std::ranges::count(earlier.attempts, attempt.name, &StageAttempt::name);
    attempts.push_back(std::move(attempt));
  }
  report->stage_attempts = std::move(attempts);
}

base::Result<std::string> next_load_path(io::ObjectStore& store, const std::string& run_id) {
  const auto folder = state::run_file(run_id, "loads");
  TRY(const auto names, store.list_names(folder));
  std::int64_t last = 0;
  for (const auto& name : names) {
    std::int64_t number = 0;
    const auto end = name.data() + name.size();
    if (std::from_chars(name.data(), end, number).ec == std::errc()) last = std::max(last, number);
  }
  return folder + "/" + std::to_string(last + 1) + ".json";
}

PastRun past_run_of(const Json& json) {
  PastRun run;
  run.run_id = text_of(json, "run_id");
  run.pipeline = text_of(json, "pipeline");
  run.kind = text_of(json, "kind");
  if (run.kind.empty()) run.kind = "run";  // of an earlier release
  run.status = outcome_text(json, "status");
  run.exit_code = static_cast<int>(count_of(json, "exit_code"));
  run.started_at = text_of(json, "started_at");
  run.seconds = number_of(json, "seconds");
  run.error = text_of(json, "error");
  if (const auto window = json.find("window"); window != json.end()) {
    run.window_start = text_of(*window, "start");
    run.window_end = text_of(*window, "end");
  }
  if (const auto extract = json.find("extract"); extract != json.end() && extract->is_object()) {
    run.items = count_of(*extract, "items");
  }
  if (const auto tables = json.find("tables"); tables != json.end() && tables->is_object()) {
    for (const auto& table : *tables) {
      run.inserted += count_of(table, "inserted");
      run.updated += count_of(table, "updated");
      run.deleted += count_of(table, "deleted") + count_of(table, "replaced") +
                     count_of(table, "withdrawn");  // so called in format 1
      run.rejected += count_of(table, "rejected");
    }
  }
  return run;
}

}  // namespace

void absorb(const state::Summary& summary, RunReport* report) {
  report->stages.emplace_back(summary.stage, summary.seconds);
  if (summary.extract) report->extract = summary.extract;
  absorb_tables(summary.tables, report);
  if (!summary.checks.empty()) report->checks = summary.checks;
  if (!summary.destinations.empty()) report->destinations = summary.destinations;
  if (!summary.unmapped.empty()) report->unmapped = summary.unmapped;
  if (!summary.drift.empty()) report->drift = summary.drift;
  report->warnings.insert(report->warnings.end(), summary.warnings.begin(), summary.warnings.end());
}

std::string report_json(const RunReport& report) {
  Json json;
  json["format"] = kFormat;
  json["run_id"] = report.run_id;
  json["pipeline"] = report.pipeline;
  json["kind"] = report.kind;
  json["status"] = report.status;
  json["exit_code"] = report.exit_code;
  if (!report.error.empty()) json["error"] = report.error;
  json["window"] = {{"start", optional_time(report.window.start)},
                    {"end", optional_time(report.window.end)}};
  json["started_at"] = base::format_timestamp(report.started_at);
  json["seconds"] = report.seconds;
  json["stages"] = Json::object();
  for (const auto& [stage, seconds] : report.stages) json["stages"][stage] = seconds;
  json["stage_attempts"] = array_of(report.stage_attempts, attempt_json);
  json["extract"] = report.extract ? extract_json(*report.extract) : Json(nullptr);
  json["tables"] = Json::object();
  for (const auto& counts : report.tables) json["tables"][counts.table] = table_json(counts);
  json["checks"] = array_of(report.checks, check_json);
  json["destinations"] = array_of(report.destinations, destination_json);
  json["unmapped"] = array_of(report.unmapped, unmapped_json);
  json["drift"] = array_of(report.drift, drift_json);
  json["warnings"] = report.warnings;
  json["peak_rss_bytes"] = report.peak_rss_bytes;
  for (const auto& [kind, count] : report.store_requests) json["store_requests"][kind] = count;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_closed(io::ObjectStore& store, const std::string& run_id) {
  const auto earlier = read_earlier(store, run_id);
  return earlier.ok() && earlier.value() && earlier.value()->is_closed;
}

base::Result<bool> write_report(io::ObjectStore& store, RunReport* report) {
  TRY(const auto earlier, read_earlier(store, report->run_id));
  if (earlier && earlier->is_closed) {
    if (report->kind == "run") report->kind = "load";
    TRY(const auto path, next_load_path(store, report->run_id));
    TRY(store.write(path, report_json(*report) + "\n"));
    return false;
  }
  if (earlier) append_to(*earlier, report);
  TRY(store.write(state::run_file(report->run_id, "report.json"), report_json(*report) + "\n"));
  return true;
}

namespace {

// Adds the report at a path, if there is one.
void add_past_run(io::ObjectStore& store, const std::string& path, std::vector<PastRun>* runs,
                  std::vector<std::string>* warnings) {
  const auto text = store.read(path);
  if (!text.ok()) {
    if (text.error().kind() != base::ErrorKind::kNotFound) {
      warnings->push_back(text.error().message());
    }
    return;
  }
  const auto json = Json::parse(text.value(), nullptr, false);
  if (json.is_object()) {
    runs->push_back(past_run_of(json));
  } else {
    warnings->push_back("not a report: " + store.location_of(path));
  }
}

}  // namespace

base::Result<std::vector<PastRun>> list_past_runs(io::ObjectStore& store,
                                                  std::vector<std::string>* warnings,
                                                  std::size_t runs_max) {
  TRY(const auto names, store.list_names("runs"));
  std::vector<PastRun> runs;
  for (const auto& name : std::span(names).last(std::min(names.size(), runs_max))) {
    const auto folder = "runs/" + name;
    add_past_run(store, folder + "/report.json", &runs, warnings);
    TRY(const auto loads, store.list_names(folder + "/loads"));
    for (const auto& load : loads) {
      add_past_run(store, folder + "/loads/" + load, &runs, warnings);
    }
  }
  const auto began = [](const PastRun& run) { return std::tie(run.started_at, run.run_id); };
  std::ranges::stable_sort(
      runs, [&](const PastRun& left, const PastRun& right) { return began(left) < began(right); });
  return runs;
}

std::int64_t peak_rss_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace ashore::report
