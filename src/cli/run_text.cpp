// Lays out the results of runs as small aligned tables and as JSON.
#include "cli/run_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/short_text.h"
#include "cli/answer_text.h"
#include "state/run_folder.h"

namespace ashore::cli {

namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::string number(std::int64_t value) { return std::to_string(value); }

std::string version_of(std::int64_t version) { return version < 0 ? "-" : number(version); }

std::string tables_text(const report::RunReport& report) {
  Rows rows;
  for (const auto& table : report.tables) {
    rows.push_back({table.table, number(table.rows_in), number(table.rejected),
                    number(table.dropped_null + table.dropped_duplicate), number(table.inserted),
                    number(table.updated), number(table.unchanged), number(table.partitions_total),
                    version_of(table.version.value_or(-1))});
  }
  return text_table({"table", "rows in", "rejected", "dropped", "inserted", "updated", "unchanged",
                     "partitions", "version"},
                    rows, {false, true, true, true, true, true, true, true, true});
}

std::string destinations_text(const report::RunReport& report) {
  Rows rows;
  for (const auto& destination : report.destinations) {
    if (!destination.error.empty()) {
      rows.push_back({destination.name, "failed", "", "", "", ""});
    }
    for (const auto& table : destination.tables) {
      rows.push_back({destination.name, table.table, number(table.inserted), number(table.updated),
                      number(table.deleted), number(table.unchanged)});
    }
  }
  return text_table({"destination", "table", "inserted", "updated", "deleted", "unchanged"}, rows,
                    {false, false, true, true, true, true});
}

// DuckDB files with a relative path lie below the data folder; other destinations are their name.
std::string destination_place(const std::string& name, io::ObjectStore& store) {
  constexpr std::string_view kFile = "duckdb:";
  if (!name.starts_with(kFile)) return name;
  const auto path = name.substr(kFile.size());
  return path.starts_with('/') ? path : store.location_of(path);
}

std::string places_text(const report::RunReport& report, io::ObjectStore& store,
                        const config::Pipeline& pipeline) {
  std::string text;
  const auto add = [&](std::string_view what, const std::string& path) {
    text += fmt::format("  {:<13} {}\n", what, store.location_of(path));
  };
  add("raw pages", state::raw_folder(pipeline.source_name, report.run_id));
  for (const auto& table : report.tables) add(table.table, state::table_folder(table.table));
  for (const auto& destination : report.destinations) {
    text += fmt::format("  {:<13} {}\n", "database", destination_place(destination.name, store));
  }
  add("report", state::run_file(report.run_id, "report.json"));
  add("page", state::run_file(report.run_id, "report.html"));
  return text;
}

// What a store charges for.
std::string requests_text(const report::RunReport& report, const io::ObjectStore& store) {
  std::string counts;
  for (const auto& [kind, count] : report.store_requests) {
    if (count > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, kind);
  }
  return counts.empty() ? "" : fmt::format("  requests to {}: {}\n", store.location(), counts);
}

}  // namespace

std::string run_text(const report::RunReport& report, const std::string& command,
                     io::ObjectStore& store, const config::Pipeline& pipeline) {
  const bool is_whole = command == "run" || command == "publish" || command == "load";
  std::string text =
      fmt::format("run {} of {}: {} in {:.2f} s\n", report.run_id, report.pipeline,
                  is_whole || report.exit_code != 0 ? report.status : command, report.seconds);
  if (!report.tables.empty()) text += tables_text(report);
  if (!report.destinations.empty()) text += destinations_text(report);
  return text + places_text(report, store, pipeline) + requests_text(report, store);
}

std::string derived_run_text(const report::RunReport& report, const std::string& command,
                             io::ObjectStore& store) {
  std::string text = fmt::format("run {} of {}: {}, {} in {:.2f} s\n", report.run_id,
                                 report.pipeline, command, report.status, report.seconds);
  Rows rows;
  for (const auto& table : report.tables) {
    rows.push_back({table.table, number(table.partitions_total), number(table.partitions_touched),
                    number(table.files_added), version_of(table.version.value_or(-1))});
  }
  if (!rows.empty()) {
    text += text_table({"table", "partitions", "touched", "files added", "version"}, rows,
                       {false, true, true, true, true});
  }
  if (!report.destinations.empty()) text += destinations_text(report);
  return text +
         fmt::format("  {:<13} {}\n", "report",
                     store.location_of(state::run_file(report.run_id, "report.json"))) +
         requests_text(report, store);
}

std::string status_text(const inspect::PipelineStatus& status) {
  Rows rows;
  for (const auto& table : status.tables) {
    rows.push_back({table.table, version_of(table.version), number(table.rows), number(table.files),
                    number(table.bytes)});
  }
  std::string text = "published\n" + text_table({"table", "version", "rows", "files", "bytes"},
                                                rows, {false, true, true, true, true});
  if (status.has_superseded) {
    text +=
        "  read these as Delta tables: superseded files stay in the folders for a while, and a "
        "plain reader of Parquet files sees them too\n";
  }
  for (const auto& table : status.tables) {
    if (!table.rolled_back_by.empty()) {
      text += fmt::format("  {} was rolled back by run {}{}\n", table.table, table.rolled_back_by,
                          table.is_pinned ? "" : "; the next run publishes what the source has");
    }
    if (table.is_pinned) {
      text += fmt::format("  {} is pinned: nothing is published until 'ashore rollback --unpin'\n",
                          table.table);
    }
  }
  for (const auto& destination : status.destinations) {
    text += "loaded into " + destination.name + "\n";
    if (!destination.error.empty()) {
      text += "  " + destination.error + "\n";
      continue;
    }
    if (destination.tables.empty()) {
      text += "  nothing yet\n";
      continue;
    }
    Rows loaded;
    for (const auto& table : destination.tables) {
      loaded.push_back({table.table, version_of(table.version), number(table.rows), table.run_id,
                        table.loaded_at});
    }
    text += text_table({"table", "version", "rows", "run", "at"}, loaded,
                       {false, true, true, false, false});
  }
  return text;
}

std::string status_json(const inspect::PipelineStatus& status) {
  Json json = {{"tables", Json::object()}, {"destinations", Json::array()}};
  json["has_superseded"] = status.has_superseded;
  for (const auto& table : status.tables) {
    json["tables"][table.table] = {
        {"version", table.version < 0 ? Json(nullptr) : Json(table.version)},
        {"rows", table.rows},
        {"files", table.files},
        {"bytes", table.bytes},
        {"rolled_back_by", table.rolled_back_by},
        {"pinned", table.is_pinned}};
  }
  for (const auto& destination : status.destinations) {
    Json entry = {{"name", destination.name}, {"tables", Json::object()}};
    if (!destination.error.empty()) entry["error"] = destination.error;
    for (const auto& table : destination.tables) {
      entry["tables"][table.table] = {{"version", table.version},
                                      {"rows", table.rows},
                                      {"run_id", table.run_id},
                                      {"loaded_at", table.loaded_at}};
    }
    json["destinations"].push_back(std::move(entry));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

namespace {

// "2022-11-01 .. 2022-12-01": midnights as days.
std::string window_of(const report::PastRun& run) {
  if (run.window_start.empty() && run.window_end.empty()) return "everything";
  const auto day = [](std::string text) {
    constexpr std::string_view kMidnight = "T00:00:00Z";
    if (text.ends_with(kMidnight)) text.resize(text.size() - kMidnight.size());
    return text;
  };
  return day(run.window_start) + " .. " + day(run.window_end);
}

// Why it failed, in short: the first line.
std::string reason_of(const report::PastRun& run) {
  constexpr std::size_t kBytesMax = 80;
  return base::shortened(run.error.substr(0, run.error.find('\n')), kBytesMax);
}

}  // namespace

std::string history_text(const std::vector<report::PastRun>& runs) {
  Rows rows;
  for (const auto& run : runs) {
    rows.push_back({run.run_id, run.pipeline, run.kind, run.status, number(run.exit_code),
                    run.started_at, fmt::format("{:.2f}", run.seconds), window_of(run),
                    fmt::format("+{} ~{} -{}", run.inserted, run.updated, run.deleted),
                    reason_of(run)});
  }
  return text_table({"run", "pipeline", "kind", "status", "exit", "started", "seconds", "window",
                     "rows", "reason"},
                    rows, {false, false, false, false, true, false, true, false, false, false});
}

std::string history_json(const std::vector<report::PastRun>& runs) {
  Json json = Json::array();
  for (const auto& run : runs) {
    json.push_back({{"run_id", run.run_id},
                    {"pipeline", run.pipeline},
                    {"kind", run.kind},
                    {"status", run.status},
                    {"exit_code", run.exit_code},
                    {"started_at", run.started_at},
                    {"seconds", run.seconds},
                    {"window", {{"start", run.window_start}, {"end", run.window_end}}},
                    {"items", run.items},
                    {"inserted", run.inserted},
                    {"updated", run.updated},
                    {"deleted", run.deleted},
                    {"error", run.error}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ashore::cli
