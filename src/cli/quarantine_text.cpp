// Lays out rejected rows and their counts as text and JSON.
#include "cli/quarantine_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "cli/answer_text.h"

namespace ashore::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string quarantine_text(const std::vector<state::RejectionCount>& counts) {
  if (counts.empty()) return "no row is in quarantine\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& count : counts) {
    rows.push_back({count.run_id, count.table, count.rule, std::to_string(count.rows)});
  }
  return text_table({"run", "table", "rule", "rows"}, rows, {false, false, false, true});
}

std::string quarantine_json(const std::vector<state::RejectionCount>& counts) {
  Json json = {{"quarantine", Json::array()}};
  for (const auto& count : counts) {
    json["quarantine"].push_back({{"run_id", count.run_id},
                                  {"table", count.table},
                                  {"rule", count.rule},
                                  {"rows", count.rows}});
  }
  return json_text(json) + "\n";
}

std::string rejection_text(const state::Rejection& rejection) {
  std::string text = fmt::format("run {}, table {}, {}, item {}", rejection.run_id, rejection.table,
                                 rejection.source_page, rejection.item_index);
  if (rejection.column) text += ", column " + *rejection.column;
  text += ": " + rejection.rule;
  if (rejection.value) text += ": " + *rejection.value;
  return text + "\n  " + rejection.item + "\n";
}

std::string rejection_json(const state::Rejection& rejection) {
  std::string json;
  state::append_rejection(state::view_of(rejection), &json);
  return json;
}

std::string quarantine_replay_text(const rebuild::QuarantineReplay& result) {
  std::vector<std::vector<std::string>> rows;
  std::string stays;
  for (const auto& row : result.rows) {
    if (row.landed + row.newer_stays + row.still_rejected == 0) continue;
    rows.push_back({row.landing, row.table, std::to_string(row.landed),
                    std::to_string(row.newer_stays), std::to_string(row.still_rejected)});
    if (row.newer_stays == 0) continue;
    stays += fmt::format(
        "  {} of {}: a newer row stays for {}{}\n", row.table, row.landing,
        fmt::join(row.newer_keys, "; "),
        row.newer_stays > static_cast<std::int64_t>(row.newer_keys.size()) ? "; ..." : "");
  }
  if (rows.empty()) return "no row passes that did not before\n";
  return text_table({"run", "table", "landed", "newer stays", "still rejected"}, rows,
                    {false, false, true, true, true}) +
         stays;
}

std::string quarantine_replay_json(const rebuild::QuarantineReplay& result) {
  auto json = Json::parse(report::report_json(result.outcome.report), nullptr, false);
  json["quarantine"] = Json::array();
  for (const auto& row : result.rows) {
    json["quarantine"].push_back({{"run_id", row.landing},
                                  {"table", row.table},
                                  {"landed", row.landed},
                                  {"newer_stays", row.newer_stays},
                                  {"newer_keys", row.newer_keys},
                                  {"still_rejected", row.still_rejected}});
  }
  return json_text(json) + "\n";
}

}  // namespace ashore::cli
