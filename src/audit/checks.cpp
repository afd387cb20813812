// Judges each kind of check by what its scan found, and says what was found and expected.
#include "audit/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "base/short_text.h"
#include "base/timestamp.h"

namespace ashore::audit {

namespace {

using base::Result;

constexpr std::size_t kListBytesMax = 200;

// What looks at a table's rows for a rule; nothing where none is needed.
template <typename Rule>
std::unique_ptr<Scan> make_scan(const config::Table&, const Rule&, const io::RecordStorage&) {
  return nullptr;
}
std::unique_ptr<Scan> make_scan(const config::Table&, const config::NotNullCheck& rule,
                                const io::RecordStorage&) {
  return std::make_unique<NullScan>(rule.columns);
}
std::unique_ptr<Scan> make_scan(const config::Table&, const config::UniqueCheck& rule,
                                const io::RecordStorage& keys) {
  return std::make_unique<KeyScan>(rule.columns, keys);
}
std::unique_ptr<Scan> make_scan(const config::Table&, const config::ReferencesCheck& rule,
                                const io::RecordStorage& keys) {
  return std::make_unique<KeyScan>(rule.columns, keys);
}
std::unique_ptr<Scan> make_scan(const config::Table&, const config::FreshnessCheck& rule,
                                const io::RecordStorage&) {
  return std::make_unique<NewestScan>(rule.column);
}
template <typename Rule>
std::unique_ptr<Scan> make_value_scan(const config::Table& table, const Rule& rule) {
  return std::make_unique<ValueScan>(rule.column, value_rule(rule, table.column(rule.column).type));
}
std::unique_ptr<Scan> make_scan(const config::Table& table, const config::AcceptedValuesCheck& rule,
                                const io::RecordStorage&) {
  return make_value_scan(table, rule);
}
std::unique_ptr<Scan> make_scan(const config::Table& table, const config::RangeCheck& rule,
                                const io::RecordStorage&) {
  return make_value_scan(table, rule);
}
std::unique_ptr<Scan> make_scan(const config::Table& table, const config::MatchesCheck& rule,
                                const io::RecordStorage&) {
  return make_value_scan(table, rule);
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string rows_text(std::int64_t rows) { return counted(rows, "row", "rows"); }

std::string range_text(std::string_view min, std::string_view max) {
  if (!min.empty() && !max.empty()) return fmt::format("{} to {}", min, max);
  return min.empty() ? fmt::format("at most {}", max) : fmt::format("at least {}", min);
}

std::string number_text(const std::optional<std::int64_t>& number) {
  return number ? fmt::format("{}", *number) : std::string();
}

std::string percent_text(double share) { return fmt::format("{:.6g} %", share * 100); }

// "2d", "36h", "90m", "1.5s": the largest unit that says it exactly.
std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count % 86'400'000 == 0) return fmt::format("{}d", count / 86'400'000);
  if (count % 3'600'000 == 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0) return fmt::format("{}m", count / 60'000);
  return fmt::format("{:.6g}s", static_cast<double>(count) / 1000);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return base::shortened(text, kListBytesMax);
}

// What examples show of a row: its key, then what the check looked at.
std::vector<std::string> shown_columns(const config::Table& table,
                                       const std::vector<std::string>& looked_at) {
  auto columns = table.key;
  for (const auto& name : looked_at) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  }
  return columns;
}

}  // namespace

Judge::Judge(const config::Table& table, const config::Check& check, const io::RecordStorage& keys)
    : table_(table),
      check_(check),
      scan_(
          std::visit([&](const auto& rule) { return make_scan(table, rule, keys); }, check.rule)) {
  if (const auto* const rule = std::get_if<config::ReferencesCheck>(&check.rule)) {
    target_ = std::make_unique<KeyScan>(rule->other_columns, keys);
    target_table_ = rule->other_table;
  }
}

std::vector<Scan*> Judge::scans_of(const std::string& table) const {
  std::vector<Scan*> scans;
  if (scan_ != nullptr && table == table_.name) scans.push_back(scan_.get());
  if (target_ != nullptr && table == target_table_) scans.push_back(target_.get());
  return scans;
}

state::CheckResult Judge::blank() const {
  state::CheckResult result;
  result.table = table_.name;
  result.check = check_.text;
  result.severity = check_.severity == config::Severity::kFail ? "fail" : "warn";
  return result;
}

Result<state::CheckResult> Judge::finish(const Evidence& evidence) {
  return std::visit([&](const auto& rule) { return judge(rule, evidence); }, check_.rule);
}

Result<state::CheckResult> Judge::judge(const config::NotNullCheck& rule,
                                        const Evidence& evidence) {
  return judge_rows(static_cast<const NullScan&>(*scan_).finding(),
                    {"null", "nulls", "no null", rule.columns}, evidence);
}

Result<state::CheckResult> Judge::judge(const config::UniqueCheck& rule, const Evidence& evidence) {
  TRY(const auto finding, static_cast<KeyScan&>(*scan_).duplicates());
  return judge_rows(finding, {"duplicate", "duplicates", "no duplicate", rule.columns}, evidence);
}

Result<state::CheckResult> Judge::judge(const config::ReferencesCheck& rule,
                                        const Evidence& evidence) {
  TRY(const auto finding, static_cast<KeyScan&>(*scan_).missing_in(*target_));
  return judge_rows(
      finding, {"dangling reference", "dangling references", "no dangling reference", rule.columns},
      evidence);
}

Result<state::CheckResult> Judge::judge(const config::AcceptedValuesCheck& rule,
                                        const Evidence& evidence) {
  return judge_rows(
      static_cast<const ValueScan&>(*scan_).finding(),
      {"other value", "other values", "one of " + joined(rule.accepted_json), {rule.column}},
      evidence);
}

Result<state::CheckResult> Judge::judge(const config::RangeCheck& rule, const Evidence& evidence) {
  return judge_rows(static_cast<const ValueScan&>(*scan_).finding(),
                    {"value outside",
                     "values outside",
                     range_text(rule.min_json.value_or(""), rule.max_json.value_or("")),
                     {rule.column}},
                    evidence);
}

Result<state::CheckResult> Judge::judge(const config::MatchesCheck& rule,
                                        const Evidence& evidence) {
  return judge_rows(static_cast<const ValueScan&>(*scan_).finding(),
                    {"value that does not match",
                     "values that do not match",
                     "all of " + rule.pattern,
                     {rule.column}},
                    evidence);
}

Result<state::CheckResult> Judge::judge_rows(const Finding& finding, const Words& words,
                                             const Evidence& evidence) {
  auto result = blank();
  result.passed = finding.count == 0;
  result.expected = words.expected;
  result.observed = fmt::format("no {}", words.one);
  if (result.passed) return result;
  const auto& audited = evidence.tables.at(table_.name);
  TRY(const auto examples,
      audited.rows_text(evidence.store, finding.rows, shown_columns(table_, words.columns)));
  result.observed = counted(finding.count, words.one, words.many) + ", for example " + examples;
  return result;
}

Result<state::CheckResult> Judge::judge(const config::RowCountCheck& rule,
                                        const Evidence& evidence) {
  const auto rows = evidence.tables.at(table_.name).rows();
  auto result = blank();
  result.passed =
      (!rule.rows_min || rows >= *rule.rows_min) && (!rule.rows_max || rows <= *rule.rows_max);
  result.observed = rows_text(rows);
  result.expected = range_text(number_text(rule.rows_min), number_text(rule.rows_max)) + " rows";
  return result;
}

// Nothing is said of the first rows of a table: there is nothing that they would be a share of.
Result<state::CheckResult> Judge::judge(const config::RowCountChangeCheck& rule,
                                        const Evidence& evidence) {
  const auto& audited = evidence.tables.at(table_.name);
  const auto before = audited.published_rows();
  const auto after = audited.rows();
  const double change =
      before == 0 ? 0 : static_cast<double>(after - before) / static_cast<double>(before);
  auto result = blank();
  result.passed = (!rule.decrease_max || -change <= *rule.decrease_max) &&
                  (!rule.increase_max || change <= *rule.increase_max);
  result.observed = fmt::format("{} after {}", rows_text(after), before);
  if (before > 0) {
    result.observed += fmt::format(", {}{}", change > 0 ? "+" : "", percent_text(change));
  }
  if (rule.decrease_max) {
    result.expected = "at most " + percent_text(*rule.decrease_max) + " fewer";
  }
  if (rule.increase_max) {
    result.expected += (result.expected.empty() ? "at most " : ", at most ") +
                       percent_text(*rule.increase_max) + " more";
  }
  return result;
}

// Measured at the landing, so that a verdict does not depend on when it is given.
Result<state::CheckResult> Judge::judge(const config::FreshnessCheck& rule,
                                        const Evidence& evidence) {
  const auto newest = static_cast<const NewestScan&>(*scan_).newest_us();
  auto result = blank();
  result.expected = "at most " + duration_text(rule.age_max) + " before the landing";
  if (!newest) {
    result.passed = false;
    result.observed = "no value";
    return result;
  }
  const std::chrono::microseconds age(evidence.landing_us - *newest);
  result.passed = age <= rule.age_max;
  result.age_seconds = std::chrono::duration<double>(std::max(age, age.zero())).count();
  const auto shown = std::chrono::floor<std::chrono::seconds>(std::max(age, age.zero()));
  result.observed =
      fmt::format("the newest is {}, {} before the landing",
                  base::format_timestamp(base::timestamp_of_micros(*newest)), duration_text(shown));
  return result;
}

Result<state::CheckResult> Judge::judge(const config::DeletedCheck& rule,
                                        const Evidence& evidence) {
  const auto judged = judge_deleted(evidence.tables.at(table_.name).candidate().counts, rule);
  auto result = blank();
  result.passed = judged.passed;
  result.observed = judged.observed;
  result.expected = judged.expected;
  return result;
}

Result<state::CheckResult> Judge::judge(const config::SqlCheck& rule, const Evidence& evidence) {
  TRY(const auto found, evidence.run_sql(rule.query));
  auto result = blank();
  result.passed = found.rows == 0;
  result.observed =
      result.passed ? "no row" : rows_text(found.rows) + ", for example " + found.examples;
  result.expected = "no row";
  return result;
}

state::CheckResult judge_deleted(const state::TableCounts& counts,
                                 const config::DeletedCheck& rule) {
  // The window held the rows that the landing matched and those that are missing from it; child
  // rows are not missing by themselves, they are deleted with their parents.
  const std::int64_t held =
      counts.updated + counts.unchanged + std::max(counts.missing, counts.deleted);
  const auto share = static_cast<std::int64_t>(static_cast<double>(held) * rule.share_max);
  const auto allowed = std::max(rule.rows_max, share);
  state::CheckResult result;
  result.table = counts.table;
  result.check = "deleted";
  result.severity = "fail";
  result.passed = counts.deleted <= allowed;
  result.observed = fmt::format("{} of {} deleted", counts.deleted, rows_text(held));
  result.expected = fmt::format("at most {} (the larger of {} and {})", allowed, rule.rows_max,
                                percent_text(rule.share_max));
  return result;
}

}  // namespace ashore::audit
