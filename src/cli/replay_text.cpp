// Lays out replays as text and JSON.
#include "cli/replay_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/answer_text.h"

namespace ashore::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string place_of(const rebuild::Difference& difference) {
  if (!difference.file.empty()) return difference.table + "/" + difference.file;
  return difference.table;
}

}  // namespace

std::string replay_text(const rebuild::Replayed& replayed) {
  std::string text;
  if (replayed.is_equal()) {
    text = fmt::format("equal: {} from raw give{} the published tables, file for file\n",
                       plural(replayed.landings, "landing"), replayed.landings == 1 ? "s" : "");
  } else {
    text = fmt::format("different: {} from raw do{} not give the published tables\n",
                       plural(replayed.landings, "landing"), replayed.landings == 1 ? "es" : "");
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& table : replayed.tables) {
    rows.push_back({table.table, std::to_string(table.version), std::to_string(table.rows),
                    std::to_string(table.files)});
  }
  text += text_table({"table", "version", "rows", "files"}, rows, {false, true, true, true});
  for (const auto& difference : replayed.differences) {
    text += fmt::format("  {}: {}\n", place_of(difference), difference.what);
  }
  if (!replayed.is_equal()) {
    text += "'ashore replay --rebuild' publishes what the landings make.\n";
  }
  return text;
}

std::string replay_json(const rebuild::Replayed& replayed) {
  Json json = {{"equal", replayed.is_equal()},
               {"landings", replayed.landings},
               {"tables", Json::object()},
               {"differences", Json::array()}};
  for (const auto& table : replayed.tables) {
    json["tables"][table.table] = {
        {"version", table.version}, {"rows", table.rows}, {"files", table.files}};
  }
  for (const auto& difference : replayed.differences) {
    json["differences"].push_back({{"table", difference.table},
                                   {"partition", difference.partition},
                                   {"file", difference.file},
                                   {"what", difference.what}});
  }
  return json_line(json);
}

std::string from_raw_json(const run::FromRaw& result) {
  Json json = {{"status", result.status},
               {"exit_code", result.exit_code},
               {"error", result.error},
               {"passed_over", result.passed_over},
               {"runs", Json::array()}};
  for (const auto& report : result.runs) {
    json["runs"].push_back(Json::parse(report::report_json(report), nullptr, false));
  }
  return json_line(json);
}

}  // namespace ashore::cli
