// A judge puts one check to the candidate tables: it names its scans, then says what they found.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/candidate_table.h"
#include "audit/scans.h"
#include "base/result.h"
#include "spec/pipeline.h"
#include "state/summary.h"

namespace ashore::audit {

using CandidateTables = std::map<std::string, CandidateTable>;

// The rows that a query gave: how many, and the first few.
struct SqlFinding {
  std::int64_t rows = 0;
  std::string examples;
};
using SqlRunner = std::function<base::Result<SqlFinding>(const std::string& query)>;

// What a judge may look at when all scans have seen all rows.
struct Evidence {
  const CandidateTables& tables;  // every table of the pipeline
  io::ObjectStore& store;
  std::int64_t landing_us = 0;  // when the landing began
  SqlRunner run_sql;
};

// One check of one table; views both. Threads: one.
class Judge {
 public:
  Judge(const spec::Table& table, const spec::Check& check);

  // Feeds this judge while a table is read; nullptr where it needs none of that table's rows.
  // Owned by the judge.
  [[nodiscard]] std::vector<Scan*> scans_of(const std::string& table) const;
  // Precondition: every scan took its whole table. Errors: those of reading examples, of the SQL.
  base::Result<state::CheckResult> finish(const Evidence& evidence);

 private:
  base::Result<state::CheckResult> finish_rows(const Finding& finding, const Evidence& evidence);
  void judge_row_count(std::int64_t rows, state::CheckResult* result) const;
  void judge_change(const CandidateTable& audited, state::CheckResult* result) const;
  void judge_freshness(std::int64_t landing_us, state::CheckResult* result) const;

  [[nodiscard]] state::CheckResult blank() const;

  const spec::Table& table_;
  const spec::Check& check_;
  std::unique_ptr<Scan> scan_;       // of table_
  std::unique_ptr<KeyScan> target_;  // of the other table, for references
};

// Pure. Whether a run withdraws more rows than the check allows of those that its window held.
state::CheckResult judge_withdrawn(const state::TableCounts& counts, const spec::Check& check);
// Pure. The check that holds where a table says none: at most the larger of 5 rows and 20 %.
spec::Check default_withdrawn_check();

}  // namespace ashore::audit
