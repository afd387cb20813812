// Records which failed checks do not block a run.
// An override is written where it lasts before anything is published because of it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit/audit.h"
#include "audit/verdict_file.h"
#include "base/timestamp.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;
using Checks = std::vector<state::CheckResult>;

bool may_be_overridden(const state::CheckResult& check) {
  return !check.passed && check.severity == "fail";
}

// "orders.not_null: [amount]": as complete as a name can be.
std::string full_name(const state::CheckResult& check) { return check.table + "." + check.check; }

// Whether `name` means the check: complete, without the table, or only the kind or the own name.
bool is_called(const state::CheckResult& check, std::string_view name) {
  if (name == full_name(check) || name == check.check) return true;
  if (name.starts_with(check.table + ".")) name.remove_prefix(check.table.size() + 1);
  const std::string_view written = check.check;
  const auto colon = written.find(": ");
  if (colon == std::string_view::npos) return name == written;
  return name == written.substr(0, colon) || name == written.substr(colon + 2);
}

std::string failed_names(const Checks& checks) {
  std::string names;
  for (const auto& check : checks) {
    if (!may_be_overridden(check)) continue;
    names += (names.empty() ? "'" : ", '") + full_name(check) + "'";
  }
  return names.empty() ? "none" : names;
}

Result<state::CheckResult*> find_failed(Checks* checks, const std::string& name) {
  std::vector<state::CheckResult*> found;
  for (auto& check : *checks) {
    if (may_be_overridden(check) && is_called(check, name)) found.push_back(&check);
  }
  if (found.size() == 1) return found.front();
  const auto* const what =
      found.empty() ? "no failed check has this name" : "several failed checks have this name";
  return base::permanent(fmt::format("{}: '{}'; failed: {}", what, name, failed_names(*checks)))
      .with_remedy("Name one as it is listed here.");
}

// What is in overrides.json so far: a list that only grows.
Result<Json> read_history(io::ObjectStore& store, const std::string& path,
                          const std::string& run_id) {
  const Json empty = {
      {"format", "ashore.overrides/1"}, {"run_id", run_id}, {"overrides", Json::array()}};
  auto text = store.read(path);
  if (!text.ok() && text.error().kind() == base::ErrorKind::kNotFound) return empty;
  TRY(const auto written, std::move(text));
  auto json = Json::parse(written, nullptr, false);
  if (json.is_object() && json.contains("overrides") && json["overrides"].is_array()) return json;
  return base::permanent("not a list of overrides: " + store.location_of(path))
      .with_remedy("It is damaged: move it away.");
}

Status keep_history(const OverrideRequest& request, const Checks& overridden,
                    io::ObjectStore& store) {
  const auto path = state::run_file(request.run_id, "overrides.json");
  TRY(auto json, read_history(store, path, request.run_id));
  for (const auto& check : overridden) {
    json["overrides"].push_back(Json::parse(state::check_json(check)));
  }
  return store.write_durable(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

Result<state::Summary> override_checks(const OverrideRequest& request, io::Env& env) {
  if (request.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    return base::permanent("an override needs a reason")
        .with_remedy("Say it with --reason: it is kept forever.");
  }
  Verdict verdict;
  TRY(verdict.summary, state::read_summary(env.store, request.run_id, "audit"));
  TRY(verdict.manifest,
      state::read_manifest(env.store, state::stage_manifest_path(request.run_id, "audit")));
  verdict.checks = verdict.summary.checks;
  const auto at = base::format_timestamp(env.clock.now());
  Checks overridden;
  for (const auto& name : request.checks) {
    TRY(auto* const check, find_failed(&verdict.checks, name));
    if (check->overridden) continue;
    check->overridden = state::CheckOverride{.reason = request.reason, .at = at};
    overridden.push_back(*check);
  }
  verdict.passed = false;  // what was overridden has failed all the same
  if (overridden.empty()) return verdict.summary;
  TRY(keep_history(request, overridden, env.store));
  TRY(write_verdict(env.store, &verdict));
  return verdict.summary;
}

}  // namespace ashore::audit
