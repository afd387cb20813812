// Writes and reads intents; small, whatever the tables' sizes, because log files lie beside them.
#include "state/intent.h"

#include <nlohmann/json.hpp>

#include "state/json_integer.h"

namespace ashore::state {

namespace {

using base::Result;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "ashore.intent/1";

Result<Intent> read_fields(const Json& json) {
  if (const auto format = json.at("format").get<std::string>(); format != kFormat) {
    return base::permanent("unknown format: '" + format + "'");
  }
  Intent intent;
  json.at("run_id").get_to(intent.run_id);
  intent.is_finished = json.value("finished", false);
  json.at("deletes_superseded").get_to(intent.deletes_superseded);
  for (const auto& entry : json.at("tables")) {
    auto& table = intent.tables.emplace_back();
    entry.at("table").get_to(table.table);
    table.version = integer_of(entry.at("version"));
    entry.at("commit_path").get_to(table.commit_path);
    entry.at("commit_sha256").get_to(table.commit_sha256);
    table.rows = integer_of(entry.at("rows"));
  }
  json.at("manifest").get_to(intent.manifest_text);
  json.at("summary").get_to(intent.summary_text);
  return intent;
}

}  // namespace

std::string intent_json(const Intent& intent) {
  Json json = {{"format", kFormat},
               {"run_id", intent.run_id},
               {"deletes_superseded", intent.deletes_superseded},
               {"tables", Json::array()}};
  for (const auto& table : intent.tables) {
    json["tables"].push_back({{"table", table.table},
                              {"version", table.version},
                              {"commit_path", table.commit_path},
                              {"commit_sha256", table.commit_sha256},
                              {"rows", table.rows}});
  }
  if (intent.is_finished) json["finished"] = true;
  json["manifest"] = intent.manifest_text;
  json["summary"] = intent.summary_text;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Intent> parse_intent(std::string_view text) {
  // The library throws on a missing key or another type; nothing of it leaves this function.
  try {
    return read_fields(Json::parse(text));
  } catch (const Json::exception& exception) {
    return base::permanent("not an intent: " + std::string(exception.what()));
  }
}

}  // namespace ashore::state
