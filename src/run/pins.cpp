// Keeps pins as one small file per table, below stage/ so that they go where the tables go.
#include "run/pins.h"

#include <nlohmann/json.hpp>

#include "base/timestamp.h"
#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "run/history.h"
#include "state/run_folder.h"

namespace ashore::run {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view kFormat = "ashore.pin/1";

std::string pin_path(const std::string& table) { return "stage/.pins/" + table + ".json"; }

}  // namespace

Status pin(io::Env& env, const config::Pipeline& pipeline, const std::string& run_id) {
  const Json json = {{"format", kFormat},
                     {"run_id", run_id},
                     {"pinned_at", base::format_timestamp(env.clock.now())}};
  for (const auto& table : pipeline.tables) {
    TRY(env.store.write_durable(pin_path(table.name), json.dump(1) + "\n"));
  }
  return {};
}

Result<int> unpin(io::ObjectStore& store, const config::Pipeline& pipeline) {
  int count = 0;
  for (const auto& table : pipeline.tables) {
    TRY(const bool pinned, is_pinned(store, table.name));
    if (!pinned) continue;
    ++count;
    TRY(store.remove(pin_path(table.name)));
  }
  return count;
}

Result<bool> is_pinned(io::ObjectStore& store, const std::string& table) {
  TRY(const auto info, store.stat(pin_path(table)));
  return info.has_value();
}

Status check_pins(io::ObjectStore& store, const config::Pipeline& pipeline) {
  for (const auto& table : pipeline.tables) {
    const auto text = store.read(pin_path(table.name));
    if (!text.ok() && text.error().kind() == base::ErrorKind::kNotFound) continue;
    if (!text.ok()) return text.error();
    const auto json = Json::parse(text.value(), nullptr, false);
    const auto value = [&](const char* key) {
      const bool is_there = json.is_object() && json.contains(key) && json[key].is_string();
      return is_there ? json[key].get<std::string>() : std::string("?");
    };
    return base::Error(base::ErrorKind::kBlockedByCheck,
                       "pinned: table '" + table.name + "' is kept as it was after run '" +
                           value("run_id") + "', since " + value("pinned_at") +
                           "; nothing was published")
        .with_remedy(
            "What was landed stays. 'ashore rollback --unpin' lets the tables go; then "
            "'ashore run' publishes what the source has.");
  }
  return {};
}

Result<std::optional<std::string>> rolled_back_by(io::ObjectStore& store,
                                                  const std::string& table) {
  const auto folder = state::table_folder(table);
  const auto newest = delta::newest_version(store, folder);
  if (!newest.ok() || newest.value() < 0) return std::optional<std::string>();
  TRY(const auto text, store.map(delta::log_path(folder, newest.value())));
  const auto author = delta::parse_log_author(text->bytes());
  if (!author.ok() || author.value().run_id.empty()) return std::optional<std::string>();
  const auto record = read_steps(store, author.value().run_id);
  const bool is_rollback = record.ok() && record.value().command == "rollback";
  if (!is_rollback) return std::optional<std::string>();
  return std::optional(author.value().run_id);
}

}  // namespace ashore::run
