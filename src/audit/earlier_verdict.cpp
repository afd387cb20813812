// Compares what a verdict rested on with what is there now.
#include "audit/earlier_verdict.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>

#include "delta/basis.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

// Whether a run judged these tables at the versions that they have now.
bool has_judged(const delta::Basis& basis, const delta::Candidate& candidate,
                const std::vector<delta::VersionEntry>& bases) {
  for (std::size_t index = 0; index < bases.size(); ++index) {
    const auto& table = candidate.tables[index];
    const auto* const judged = basis.table(table.table);
    const bool is_same = judged != nullptr && judged->table_id == table.table_id &&
                         delta::is_left_at(basis, *judged, bases[index]);
    if (!is_same) return false;
  }
  return true;
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

std::optional<std::vector<state::CheckResult>> earlier_checks(
    io::ObjectStore& store, const config::Pipeline& pipeline, const delta::Candidate& candidate,
    const std::vector<delta::VersionEntry>& bases) {
  assert(bases.size() == candidate.tables.size());
  const bool is_unchanged =
      std::ranges::all_of(candidate.tables, &delta::TableCandidate::is_unchanged);
  if (!is_unchanged) return std::nullopt;
  std::unordered_set<std::string> tried;
  for (const auto& entry : bases) {
    if (!state::check_run_id(entry.run_id).ok() || !tried.insert(entry.run_id).second) continue;
    const auto basis = delta::read_basis(store, entry.run_id);
    if (!basis || basis->pipeline_sha256 != pipeline.sha256) continue;
    if (!has_judged(*basis, candidate, bases)) continue;
    auto summary = state::read_summary(store, entry.run_id, "audit");
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
