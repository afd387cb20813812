// Reads only the columns that checks name, of every file the table would have.
#include "audit/audit.h"

#include <arrow/api.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "audit/checks.h"
#include "base/digest.h"
#include "base/parallel.h"
#include "columnar/arrow_schema.h"
#include "delta/rows.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;

// What a stage wrote must be what the next one reads.
Status verify_staged(const state::Manifest& merged, const Options& options, io::Env& env,
                     const std::stop_token& stop) {
  return base::for_each_index(
      merged.files.size(), options.threads,
      [&](std::size_t index) -> Status {
        const auto& file = merged.files[index];
        TRY(const auto bytes, env.store.read(file.path));
        if (base::to_hex(base::sha256(bytes)) == file.sha256) return {};
        return base::permanent("file '" + env.store.location_of(file.path) +
                               "' is not what merge wrote: its sha256 differs")
            .with_remedy("Run 'merge' again for this run.");
      },
      stop);
}

Result<std::shared_ptr<arrow::Table>> read_columns(const delta::TableCandidate& table,
                                                   const std::vector<delta::CandidateFile>& files,
                                                   const std::vector<std::string>& columns,
                                                   const Options& options, io::Env& env,
                                                   const std::stop_token& stop) {
  std::vector<std::shared_ptr<arrow::Table>> parts(files.size());
  TRY(base::for_each_index(
      files.size(), options.threads,
      [&](std::size_t index) -> Status {
        const auto& file = files[index];
        TRY(parts[index], delta::read_rows(env.store, file.path, file.file, table.schema, columns));
        return {};
      },
      stop));
  if (parts.empty()) {
    base::Schema narrow;
    for (const auto& name : columns) {
      narrow.fields.push_back(table.schema.fields[*table.schema.index_of(name)]);
    }
    return arrow::Table::MakeEmpty(columnar::arrow_schema(narrow)).ValueOrDie();
  }
  auto joined = arrow::ConcatenateTables(parts);
  if (!joined.ok()) return columnar::arrow_error(joined.status(), "join the files of a table");
  return joined.MoveValueUnsafe();
}

Result<AuditedTable> read_table(const spec::Pipeline& pipeline, const delta::Candidate& candidate,
                                const delta::TableCandidate& table, const Options& options,
                                io::Env& env, const std::stop_token& stop) {
  TRY(const auto files, delta::candidate_files(env.store, candidate.run_id, table));
  AuditedTable audited;
  for (const auto& file : files) audited.rows += file.file.rows;
  const auto columns = needed_columns(pipeline, table.table);
  if (!columns.empty()) {
    TRY(audited.columns, read_columns(table, files, columns, options, env, stop));
  }
  return audited;
}

std::string verdict_json(const std::string& run_id, const Verdict& verdict) {
  nlohmann::ordered_json json;
  json["format"] = "ashore.verdict/1";
  json["run_id"] = run_id;
  json["passed"] = verdict.passed;
  json["checks"] = nlohmann::ordered_json::array();
  for (const auto& check : verdict.checks) {
    json["checks"].push_back({{"table", check.table},
                              {"check", check.check},
                              {"severity", check.severity},
                              {"passed", check.passed},
                              {"observed", check.observed},
                              {"expected", check.expected}});
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Status write_results(const state::Manifest& merged, const Options& options, io::Env& env,
                     Verdict* verdict) {
  const auto text = verdict_json(options.run_id, *verdict);
  const auto path = state::run_file(options.run_id, "verdict.json");
  TRY(env.store.write(path, text));
  auto& manifest = verdict->manifest;
  manifest = merged;
  manifest.stage = "audit";
  manifest.version = options.version;
  manifest.schemas.clear();
  const auto parent = state::stage_manifest_path(options.run_id, "merge");
  TRY(const auto parent_bytes, env.store.read(parent));
  manifest.parent = {parent, base::to_hex(base::sha256(parent_bytes))};
  manifest.files = {{.path = path,
                     .rows = static_cast<std::int64_t>(verdict->checks.size()),
                     .bytes = static_cast<std::int64_t>(text.size()),
                     .sha256 = base::to_hex(base::sha256(text)),
                     .schema = {},
                     .origin = {}}};
  TRY(state::write_summary(env.store, options.run_id, verdict->summary));
  TRY(state::write_manifest(env.store, state::stage_manifest_path(options.run_id, "audit"),
                            manifest));
  return {};
}

// A table that neither exists nor would be made has nothing to be judged by.
bool would_exist(const delta::Candidate& candidate, const std::string& name) {
  return std::ranges::any_of(candidate.tables, [&](const delta::TableCandidate& table) {
    return table.table == name && (table.base_version >= 0 || table.changes_schema);
  });
}

void judge(const spec::Pipeline& pipeline, const delta::Candidate& candidate,
           const std::map<std::string, AuditedTable>& tables, Verdict* verdict) {
  for (const auto& table : pipeline.tables) {
    if (!would_exist(candidate, table.name)) continue;
    for (const auto& check : table.checks) {
      verdict->checks.push_back(evaluate(table, check, tables));
    }
  }
  for (const auto& table : candidate.tables) {
    if (table.counts.withdrawn > 0) verdict->checks.push_back(evaluate_withdrawn(table.counts));
  }
  verdict->passed = std::ranges::all_of(verdict->checks, [](const state::CheckResult& check) {
    return check.passed || check.severity == "warn";
  });
}

}  // namespace

Result<Verdict> audit(const spec::Pipeline& pipeline, const state::Manifest& merged,
                      const Options& options, io::Env& env, base::EventSink& events,
                      const std::stop_token& stop) {
  TRY(verify_staged(merged, options, env, stop));
  TRY(const auto text, env.store.read(state::run_file(options.run_id, "candidate.json")));
  TRY(const auto candidate, delta::parse_candidate(text));
  std::map<std::string, AuditedTable> tables;
  for (const auto& table : candidate.tables) {
    TRY(tables[table.table], read_table(pipeline, candidate, table, options, env, stop)
                                 .within("audit table '" + table.table + "'"));
  }
  Verdict verdict;
  judge(pipeline, candidate, tables, &verdict);
  for (const auto& check : verdict.checks) {
    if (check.passed) continue;
    events.emit(base::CheckFailed{.table = check.table,
                                  .check = check.check,
                                  .is_warning = check.severity == "warn",
                                  .observed = check.observed,
                                  .expected = check.expected});
  }
  verdict.summary.stage = "audit";
  verdict.summary.checks = verdict.checks;
  TRY(write_results(merged, options, env, &verdict));
  return verdict;
}

}  // namespace ashore::audit
