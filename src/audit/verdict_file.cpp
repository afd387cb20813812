// Writes a verdict's files, the manifest last: what it names is there.
#include "audit/verdict_file.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using Json = nlohmann::ordered_json;

std::string verdict_json(const Verdict& verdict) {
  Json json;
  json["format"] = "ashore.verdict/2";
  json["run_id"] = verdict.manifest.run_id;
  json["passed"] = verdict.passed;
  json["checks"] = Json::array();
  for (const auto& check : verdict.checks) {
    json["checks"].push_back(Json::parse(state::check_json(check)));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

base::Status write_verdict(io::ObjectStore& store, Verdict* verdict) {
  auto& manifest = verdict->manifest;
  const auto text = verdict_json(*verdict);
  const auto path = state::run_file(manifest.run_id, "verdict.json");
  TRY(store.write(path, text));
  manifest.files = {{.path = path,
                     .rows = static_cast<std::int64_t>(verdict->checks.size()),
                     .bytes = static_cast<std::int64_t>(text.size()),
                     .sha256 = base::to_hex(base::sha256(text)),
                     .schema = {},
                     .origin = {}}};
  verdict->summary.checks = verdict->checks;
  TRY(state::write_summary(store, manifest.run_id, verdict->summary));
  TRY(state::write_manifest(store, state::stage_manifest_path(manifest.run_id, "audit"), manifest));
  return {};
}

}  // namespace ashore::audit
