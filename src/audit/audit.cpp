// Audits a candidate: reads each table once, only the columns that checks name, for all checks.
#include "audit/audit.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "audit/checks.h"
#include "audit/earlier_verdict.h"
#include "audit/sql_session.h"
#include "audit/verdict_file.h"
#include "base/digest.h"
#include "base/parallel.h"
#include "delta/basis.h"
#include "io/reads_at_once.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;

// Large files are hashed where they lie; mapping costs more than reading a small one.
Result<base::Sha256> digest_of(io::ObjectStore& store, const state::ManifestFile& file) {
  constexpr std::int64_t kMappedBytesMin = std::int64_t{4} << 20;
  if (file.bytes < kMappedBytesMin) {
    TRY(const auto bytes, store.read(file.path));
    return base::sha256(bytes);
  }
  TRY(const auto mapped, store.map(file.path));
  return base::sha256(mapped->bytes());
}

// What a stage wrote must be what the next one reads.
Status verify_staged(const state::Manifest& merged, const state::RunContext& context) {
  return base::for_each_index(
      merged.files.size(),
      io::reads_at_once(context.env.store, merged.files, &state::ManifestFile::bytes,
                        context.threads),
      [&](std::size_t index) -> Status {
        const auto& file = merged.files[index];
        TRY(const auto digest, digest_of(context.env.store, file));
        if (base::to_hex(digest) == file.sha256) return {};
        return base::permanent("file '" + context.env.store.location_of(file.path) +
                               "' is not what merge wrote: its sha256 differs")
            .with_remedy("Run 'merge' again for this run.");
      },
      context.stop);
}

// A table that neither exists nor would be made has nothing to be judged by.
bool would_exist(const delta::TableCandidate& table) {
  return table.base_version >= 0 || table.changes_schema;
}

// One table's checks, in the pipeline's order: each has a judge, or an earlier run's result.
struct TableJudges {
  const delta::TableCandidate* candidate = nullptr;
  std::vector<std::unique_ptr<Judge>> judges;  // nullptr: `known` has the result
  std::vector<const config::Check*> checks;
  std::vector<state::CheckResult> known;  // blank where a judge is, until it has judged
};

// Results of an earlier verdict, each given once.
class EarlierResults {
 public:
  explicit EarlierResults(std::optional<std::vector<state::CheckResult>> results)
      : results_(results ? *std::move(results) : std::vector<state::CheckResult>()) {}

  // That of a check of the table, if it stands whatever run it is.
  std::optional<state::CheckResult> take(const std::string& table, const config::Check& check) {
    if (must_be_judged_anew(check)) return std::nullopt;
    const auto found = std::ranges::find_if(results_, [&](const state::CheckResult& result) {
      return result.table == table && result.check == check.text;
    });
    if (found == results_.end()) return std::nullopt;
    auto result = std::move(*found);
    results_.erase(found);
    return result;
  }

 private:
  std::vector<state::CheckResult> results_;
};

std::vector<TableJudges> make_judges(const config::Pipeline& pipeline,
                                     const delta::Candidate& candidate, EarlierResults earlier,
                                     const io::RecordStorage& keys) {
  std::vector<TableJudges> all;
  for (const auto& table : pipeline.tables) {
    const auto found =
        std::ranges::find(candidate.tables, table.name, &delta::TableCandidate::table);
    if (found == candidate.tables.end() || !would_exist(*found)) continue;
    auto& judged = all.emplace_back();
    judged.candidate = &*found;
    for (const auto& check : table.checks) {
      auto known = earlier.take(table.name, check);
      judged.judges.push_back(known ? nullptr : std::make_unique<Judge>(table, check, keys));
      judged.checks.push_back(&check);
      judged.known.push_back(known ? *std::move(known) : state::CheckResult());
    }
  }
  return all;
}

// Whether some check of which no result is known looks at the table. A query may look at any.
bool is_looked_at(const std::vector<TableJudges>& all, const std::string& table) {
  for (const auto& judged : all) {
    for (std::size_t index = 0; index < judged.judges.size(); ++index) {
      if (judged.judges[index] == nullptr) continue;
      const bool is_query = std::holds_alternative<config::SqlCheck>(judged.checks[index]->rule);
      if (is_query || judged.candidate->table == table) return true;
      if (!judged.judges[index]->scans_of(table).empty()) return true;
    }
  }
  return false;
}

// Where the judge of a check stands, for messages: queries fail long after the file was read.
std::string place_of(const config::Pipeline& pipeline, const config::Check& check) {
  return pipeline.path + ":" + std::to_string(check.mark.line) + ":" +
         std::to_string(check.mark.column);
}

// One audit under way.
struct Work {
  const config::Pipeline& pipeline;
  const Options& options;
  const state::RunContext& context;
  CandidateTables tables;
  std::vector<TableJudges> judges;
  std::optional<SqlSession> sql;  // where a check has a query
};

Status scan_table(Work* work, const std::string& name, const CandidateTable& table) {
  std::vector<Scan*> scans;
  std::vector<std::string> columns;
  for (const auto& judged : work->judges) {
    for (const auto& judge : judged.judges) {
      if (judge == nullptr) continue;
      for (auto* const scan : judge->scans_of(name)) {
        scans.push_back(scan);
        for (const auto& column : scan->columns()) {
          if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
        }
      }
    }
  }
  const bool is_queried = work->sql && !work->sql->columns_of(name).empty();
  if (is_queried) {
    for (const auto& column : work->sql->columns_of(name)) {
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    }
  }
  if (scans.empty() && !is_queried) return {};
  for (const auto& column : columns) {
    if (table.candidate().schema.index_of(column)) continue;
    return base::permanent("a check names a column that the table would not have: '" + column + "'")
        .with_remedy("Publish with the pipeline file that these rows were made by.");
  }
  const std::function<bool(const delta::AddFile&)> is_needed = [&](const delta::AddFile& file) {
    return is_queried || !std::ranges::all_of(
                             scans, [&](const Scan* scan) { return scan->is_answered_by(file); });
  };
  return table.scan(work->context.env.store, {columns, is_needed}, work->context.threads,
                    work->context.stop,
                    [&](const arrow::Table& part, std::int64_t first_row) -> Status {
                      for (auto* const scan : scans) scan->take(part, first_row);
                      return is_queried ? work->sql->take(name, part) : Status();
                    });
}

// Opens a session for the queries of all checks together; their rows are given by the scans.
Status open_sql(Work* work) {
  std::vector<std::string> queries;
  for (const auto& judged : work->judges) {
    for (std::size_t index = 0; index < judged.checks.size(); ++index) {
      const auto* const sql = std::get_if<config::SqlCheck>(&judged.checks[index]->rule);
      if (sql != nullptr && judged.judges[index] != nullptr) queries.push_back(sql->query);
    }
  }
  if (queries.empty()) return {};
  TRY(work->sql, SqlSession::open(work->tables, queries, work->options, work->context));
  return {};
}

bool judges_deletions(const TableJudges& judged) {
  return std::ranges::any_of(judged.checks, [](const config::Check* check) {
    return std::holds_alternative<config::DeletedCheck>(check->rule);
  });
}

// A check of which no result is known, and its result.
struct OpenCheck {
  Judge* judge = nullptr;
  const config::Check* check = nullptr;
  std::string table;
  state::CheckResult* result = nullptr;
  Status status;

  [[nodiscard]] bool is_query() const {
    return std::holds_alternative<config::SqlCheck>(check->rule);
  }
};

std::vector<OpenCheck> open_checks(std::vector<TableJudges>* all) {
  std::vector<OpenCheck> open;
  for (auto& judged : *all) {
    for (std::size_t index = 0; index < judged.judges.size(); ++index) {
      if (judged.judges[index] == nullptr) continue;
      open.push_back({judged.judges[index].get(),
                      judged.checks[index],
                      judged.candidate->counts.table,
                      &judged.known[index],
                      {}});
    }
  }
  return open;
}

// Finds the results that are not known. Queries run one after another in their session; what else
// is to be sorted and compared is done beside them.
Status finish_judges(Work* work, std::int64_t landing_us) {
  const Evidence evidence{.tables = work->tables,
                          .store = work->context.env.store,
                          .landing_us = landing_us,
                          .run_sql = [work](const std::string& query) {
                            return work->sql->run(query, work->context.stop);
                          }};
  auto open = open_checks(&work->judges);
  const auto finish = [&](OpenCheck* one) {
    auto result = one->judge->finish(evidence);
    if (result.ok()) {
      *one->result = std::move(result).value();
    } else {
      one->status = std::move(result).error();
    }
  };
  // The first job is all queries.
  TRY(base::for_each_index(
      open.size() + 1, work->context.threads,
      [&](std::size_t job) -> Status {
        if (job > 0) {
          if (!open[job - 1].is_query()) finish(&open[job - 1]);
          return {};
        }
        for (auto& one : open) {
          if (one.is_query()) finish(&one);
        }
        return {};
      },
      work->context.stop));
  // Of several errors that of the first check is told, whichever came first.
  for (auto& one : open) {
    TRY(std::move(one.status)
            .within("check '" + one.check->text + "' of table '" + one.table + "', " +
                    place_of(work->pipeline, *one.check)));
  }
  return {};
}

Status judge(Work* work, std::int64_t landing_us, Verdict* verdict) {
  TRY(finish_judges(work, landing_us));
  for (const auto& judged : work->judges) {
    const auto& counts = judged.candidate->counts;
    verdict->checks.insert(verdict->checks.end(), judged.known.begin(), judged.known.end());
    // Children go with their parents, whatever their number: their parents are judged.
    const auto* const table = work->pipeline.table(counts.table);
    const bool is_child = table != nullptr && table->parent;
    if (counts.deleted > 0 && !is_child && !judges_deletions(judged)) {
      verdict->checks.push_back(judge_deleted(counts));
    }
  }
  verdict->passed = may_be_published(verdict->checks);
  return {};
}

Status scan_and_judge(Work* work, std::int64_t landing_us, Verdict* verdict) {
  for (const auto& [name, table] : work->tables) {
    TRY(scan_table(work, name, table).within("audit table '" + name + "'"));
  }
  if (work->sql) TRY(work->sql->finish().within("give rows to the queries of checks"));
  return judge(work, landing_us, verdict);
}

// The candidate's manifest, become the verdict's.
Status describe(const config::Pipeline& pipeline, const state::Manifest& merged,
                const Options& options, const state::RunContext& context, Verdict* verdict) {
  auto& manifest = verdict->manifest;
  manifest.stage = "audit";
  manifest.run_id = merged.run_id;
  manifest.pipeline_name = merged.pipeline_name;
  manifest.pipeline_sha256 = pipeline.sha256;
  manifest.version = context.version;
  manifest.window = merged.window;
  manifest.started_us = merged.started_us;
  const auto parent = state::stage_manifest_path(options.run_id, "merge");
  TRY(const auto parent_bytes, context.env.store.read(parent));
  manifest.parent = {parent, base::to_hex(base::sha256(parent_bytes))};
  verdict->summary.stage = "audit";
  return {};
}

void tell(const Verdict& verdict, base::EventSink& events) {
  for (const auto& check : verdict.checks) {
    if (check.passed) continue;
    events.emit(base::CheckFailed{.table = check.table,
                                  .check = check.check,
                                  .is_warning = check.severity == "warn",
                                  .observed = check.observed,
                                  .expected = check.expected});
  }
}

io::RecordStorage key_storage(const state::RunContext& context) {
  // Of the memory: the keys of one check.
  constexpr std::int64_t kKeysShare = 64;
  const auto hashes =
      context.memory_bytes / kKeysShare / static_cast<std::int64_t>(sizeof(KeyHash));
  return {&context.env.store, static_cast<std::size_t>(hashes)};
}

}  // namespace

bool may_be_published(const std::vector<state::CheckResult>& checks) {
  return std::ranges::all_of(checks, [](const state::CheckResult& check) {
    return check.passed || check.severity == "warn" || check.overridden.has_value();
  });
}

std::unique_ptr<warehouse::OpenedAhead> open_ahead(const config::Pipeline& pipeline,
                                                   const state::RunContext& context) {
  const bool has_query = std::ranges::any_of(pipeline.tables, [](const config::Table& table) {
    return std::ranges::any_of(table.checks, [](const config::Check& check) {
      return std::holds_alternative<config::SqlCheck>(check.rule);
    });
  });
  // Whoever counts calls wants them in one order.
  if (!has_query || context.threads == 1 || context.faults != nullptr) return nullptr;
  return std::make_unique<warehouse::OpenedAhead>(session_database(context));
}

Result<Verdict> audit(const config::Pipeline& pipeline, const state::Manifest& merged,
                      const Options& options, const state::RunContext& context) {
  delta::Candidate read;
  if (options.just_made == nullptr) {
    TRY(verify_staged(merged, context));
    TRY(auto text, context.env.store.read(state::run_file(options.run_id, "candidate.json")));
    TRY(read, delta::parse_candidate(std::move(text)));
  }
  const auto& candidate = options.just_made == nullptr ? read : *options.just_made;
  delta::TableLogs own_logs(context.env.store, context.threads);
  auto& logs = options.logs == nullptr ? own_logs : *options.logs;
  TRY(const auto bases, delta::read_base_entries(logs, candidate));
  Work work{.pipeline = pipeline,
            .options = options,
            .context = context,
            .tables = {},
            .judges = make_judges(
                pipeline, candidate,
                EarlierResults(earlier_checks(context.env.store, pipeline, candidate, bases)),
                key_storage(context)),
            .sql = {}};
  const auto handover = options.just_made == nullptr ? delta::HandoverBytes::kToBeVerified
                                                     : delta::HandoverBytes::kWrittenHere;
  for (const auto& table : candidate.tables) {
    if (!is_looked_at(work.judges, table.table)) continue;
    TRY(auto opened,
        CandidateTable::open(context.env.store, logs, options.run_id, table, handover));
    work.tables.emplace(table.table, std::move(opened));
  }
  TRY(open_sql(&work));
  Verdict verdict;
  auto judged = scan_and_judge(&work, merged.started_us, &verdict);
  if (work.sql) {
    work.sql.reset();
    TRY(remove_spilled(context.env.store, options.run_id));
  }
  TRY(std::move(judged));
  TRY(describe(pipeline, merged, options, context, &verdict));
  tell(verdict, context.events);
  TRY(delta::write_basis(context.env.store, pipeline.sha256, candidate, bases));
  TRY(write_verdict(context.env.store, &verdict));
  return verdict;
}

}  // namespace ashore::audit
