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
#include "config/pipeline.h"
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
  // Keys that are compared lie where `keys` says.
  Judge(const config::Table& table, const config::Check& check, const io::RecordStorage& keys);

  // Feeds this judge while a table is read; nullptr where it needs none of that table's rows.
  // Owned by the judge.
  [[nodiscard]] std::vector<Scan*> scans_of(const std::string& table) const;
  // Precondition: every scan took its whole table. Errors: those of reading examples, of the SQL.
  base::Result<state::CheckResult> finish(const Evidence& evidence);

 private:
  // What a kind says of the rows that its scan found.
  struct Words {
    std::string one;  // "null"
    std::string many;
    std::string expected;  // "no null"
    std::vector<std::string> columns;
  };
  using CheckResult = base::Result<state::CheckResult>;

  // One function per kind.
  CheckResult judge(const config::NotNullCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::UniqueCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::ReferencesCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::AcceptedValuesCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::RangeCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::MatchesCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::RowCountCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::RowCountChangeCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::FreshnessCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::DeletedCheck& rule, const Evidence& evidence);
  CheckResult judge(const config::SqlCheck& rule, const Evidence& evidence);
  CheckResult judge_rows(const Finding& finding, const Words& words, const Evidence& evidence);

  [[nodiscard]] state::CheckResult blank() const;

  const config::Table& table_;
  const config::Check& check_;
  std::unique_ptr<Scan> scan_;  // of table_
  // Of the other table, for references.
  std::unique_ptr<KeyScan> target_;
  std::string target_table_;
};

// Pure. Whether a run deletes more rows than the check allows of those that its window held.
// Where a table says none, the rule's defaults are put: at most the larger of 5 rows and 20 %.
state::CheckResult judge_deleted(const state::TableCounts& counts,
                                 const config::DeletedCheck& rule = {});

}  // namespace ashore::audit
