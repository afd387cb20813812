// Compares what a verdict rested on with what is there now: ids and versions of tables, and the
// digest of each version's log entry, since a restored backup may reach a version by other commits.
#include "audit/earlier_verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>

#include "base/digest.h"
#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "ashore.basis/1";

std::string basis_path(std::string_view run_id) { return state::run_file(run_id, "basis.json"); }

// The entry of a version in a table's log.
struct LogEntry {
  std::string sha256;  // hex; "" where there is no version
  std::string run_id;  // "": another program's
};

Result<LogEntry> entry_of(io::ObjectStore& store, const delta::TableCandidate& table) {
  if (table.base_version < 0) return LogEntry{};
  const auto path = delta::log_path(state::table_folder(table.table), table.base_version);
  TRY(const auto text, store.read(path));
  LogEntry entry{base::to_hex(base::sha256(text)), ""};
  const auto author = delta::parse_log_author(text);
  if (author.ok()) entry.run_id = author.value().run_id;
  return entry;
}

// A table that a candidate leaves as it is, with its version's log entry.
struct CurrentTable {
  const delta::TableCandidate* table = nullptr;
  LogEntry entry;
};

Result<std::vector<CurrentTable>> current_tables(io::ObjectStore& store,
                                                 const delta::Candidate& candidate) {
  std::vector<CurrentTable> tables;
  for (const auto& table : candidate.tables) {
    TRY(auto entry, entry_of(store, table));
    tables.push_back({&table, std::move(entry)});
  }
  return tables;
}

// Whether a run judged this table at the version that it has now.
bool is_same_table(const Json& basis, const CurrentTable& current, const std::string& run_id) {
  const auto& table = *current.table;
  const auto found = std::ranges::find_if(
      basis, [&](const Json& judged) { return judged.at("table") == table.table; });
  if (found == basis.end() || found->at("table_id") != table.table_id) return false;
  const auto base_version = found->at("base_version").get<std::int64_t>();
  if (found->at("changes").get<bool>()) {
    return table.base_version == base_version + 1 && current.entry.run_id == run_id;
  }
  return table.base_version == base_version && current.entry.sha256 == found->at("base_log_sha256");
}

bool rests_on(const std::string& text, const config::Pipeline& pipeline,
              const std::vector<CurrentTable>& tables, const std::string& run_id) {
  const auto json = Json::parse(text, nullptr, false);
  try {
    if (json.at("format") != kFormat || json.at("run_id") != run_id) return false;
    if (json.at("pipeline_sha256") != pipeline.sha256) return false;
    return std::ranges::all_of(tables, [&](const CurrentTable& table) {
      return is_same_table(json.at("tables"), table, run_id);
    });
  } catch (const Json::exception&) {
    return false;  // damaged: as if it were not there
  }
}

bool has_passed(const std::vector<state::CheckResult>& checks) {
  return std::ranges::all_of(checks, [](const state::CheckResult& check) {
    return check.passed || check.severity != "fail";
  });
}

// Functions of DuckDB that give other values for the same rows, and clauses that draw rows.
const std::unordered_set<std::string>& varying_words() {
  static const std::unordered_set<std::string> kWords = {"age",
                                                         "bernoulli",
                                                         "currval",
                                                         "current_setting",
                                                         "gen_random_uuid",
                                                         "getenv",
                                                         "getvariable",
                                                         "list_shuffle",
                                                         "nextval",
                                                         "now",
                                                         "random",
                                                         "reservoir",
                                                         "sample",
                                                         "setseed",
                                                         "shuffle",
                                                         "tablesample",
                                                         "today",
                                                         "transaction_timestamp",
                                                         "txid_current",
                                                         "version",
                                                         "localtime",
                                                         "localtimestamp"};
  return kWords;
}

bool varies(const std::string& word) {
  return varying_words().contains(word) || word.starts_with("uuid") ||
         word.starts_with("current_") || word.starts_with("get_current_");
}

bool is_word_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
         character == '_';
}

// Words anywhere count, in names and texts too: rather a check too many than one too few.
bool has_varying_word(std::string_view query) {
  std::string word;
  for (const char character : query) {
    const bool is_upper = character >= 'A' && character <= 'Z';
    const char lower = is_upper ? static_cast<char>(character - 'A' + 'a') : character;
    if (is_word_character(lower)) {
      word += lower;
      continue;
    }
    if (varies(word)) return true;
    word.clear();
  }
  return varies(word);
}

}  // namespace

Status write_basis(io::ObjectStore& store, const config::Pipeline& pipeline,
                   const delta::Candidate& candidate) {
  Json json = {{"format", kFormat},
               {"run_id", candidate.run_id},
               {"pipeline_sha256", pipeline.sha256},
               {"tables", Json::array()}};
  for (const auto& table : candidate.tables) {
    TRY(const auto entry, entry_of(store, table));
    json["tables"].push_back({{"table", table.table},
                              {"table_id", table.table_id},
                              {"base_version", table.base_version},
                              {"base_log_sha256", entry.sha256},
                              {"changes", !table.is_unchanged()}});
  }
  return store.write(basis_path(candidate.run_id), json.dump(2) + "\n");
}

std::optional<std::vector<state::CheckResult>> earlier_checks(io::ObjectStore& store,
                                                              const config::Pipeline& pipeline,
                                                              const delta::Candidate& candidate) {
  const bool is_unchanged =
      std::ranges::all_of(candidate.tables, &delta::TableCandidate::is_unchanged);
  if (!is_unchanged) return std::nullopt;
  const auto tables = current_tables(store, candidate);
  if (!tables.ok()) return std::nullopt;
  std::unordered_set<std::string> tried;
  for (const auto& current : tables.value()) {
    const auto& run_id = current.entry.run_id;
    if (!state::check_run_id(run_id).ok() || !tried.insert(run_id).second) continue;
    const auto basis = store.read(basis_path(run_id));
    if (!basis.ok() || !rests_on(basis.value(), pipeline, tables.value(), run_id)) continue;
    auto summary = state::read_summary(store, run_id, "audit");
    if (summary.ok() && has_passed(summary.value().checks)) {
      return std::move(summary).value().checks;
    }
  }
  return std::nullopt;
}

bool must_be_judged_anew(const config::Check& check) {
  if (const auto* const sql = std::get_if<config::SqlCheck>(&check.rule)) {
    return has_varying_word(sql->query);
  }
  return std::holds_alternative<config::FreshnessCheck>(check.rule) ||
         std::holds_alternative<config::DeletedCheck>(check.rule) ||
         std::holds_alternative<config::RowCountChangeCheck>(check.rule);
}

}  // namespace ashore::audit
