// Keeps ids and versions of tables, and the digest of each version's log entry.
#include "delta/basis.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/digest.h"
#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "state/run_folder.h"

namespace ashore::delta {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "ashore.basis/1";

std::string basis_path(std::string_view run_id) { return state::run_file(run_id, "basis.json"); }

}  // namespace

const TableBasis* Basis::table(std::string_view name) const {
  const auto found = std::ranges::find(tables, name, &TableBasis::table);
  return found == tables.end() ? nullptr : &*found;
}

Result<std::vector<VersionEntry>> read_base_entries(TableLogs& logs, const Candidate& candidate) {
  std::vector<VersionEntry> bases;
  for (const auto& table : candidate.tables) {
    TRY(auto entry, logs.entry(table.table, table.base_version));
    bases.push_back(std::move(entry));
  }
  return bases;
}

Status write_basis(io::ObjectStore& store, const std::string& pipeline_sha256,
                   const Candidate& candidate, const std::vector<VersionEntry>& bases) {
  assert(bases.size() == candidate.tables.size());
  Json json = {{"format", kFormat},
               {"run_id", candidate.run_id},
               {"pipeline_sha256", pipeline_sha256},
               {"tables", Json::array()}};
  for (std::size_t index = 0; index < bases.size(); ++index) {
    const auto& table = candidate.tables[index];
    const auto& entry = bases[index];
    assert(entry.version == table.base_version);
    json["tables"].push_back({{"table", table.table},
                              {"table_id", table.table_id},
                              {"base_version", entry.version},
                              {"base_log_sha256", entry.sha256},
                              {"changes", !table.is_unchanged()}});
  }
  return store.write(basis_path(candidate.run_id), json.dump(2) + "\n");
}

std::optional<Basis> read_basis(io::ObjectStore& store, const std::string& run_id) {
  const auto text = store.read(basis_path(run_id));
  if (!text.ok()) return std::nullopt;
  const auto json = Json::parse(text.value(), nullptr, false);
  try {
    if (json.at("format") != kFormat || json.at("run_id") != run_id) return std::nullopt;
    Basis basis{run_id, json.at("pipeline_sha256").get<std::string>(), {}};
    for (const auto& table : json.at("tables")) {
      const auto version = table.at("base_version").get<std::int64_t>();
      const auto sha256 = table.at("base_log_sha256").get<std::string>();
      basis.tables.push_back({table.at("table").get<std::string>(),
                              table.at("table_id").get<std::string>(),
                              {version, sha256, ""},
                              table.at("changes").get<bool>()});
    }
    return basis;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

bool is_left_at(const Basis& basis, const TableBasis& table, const VersionEntry& entry) {
  if (table.changes) {
    return entry.version == table.base.version + 1 && entry.run_id == basis.run_id;
  }
  return entry.version == table.base.version && entry.sha256 == table.base.sha256;
}

}  // namespace ashore::delta
