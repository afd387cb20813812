// Says in words what was found and what was expected.
#include "audit/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/timestamp.h"

namespace ashore::audit {

namespace {

using base::Result;
using spec::CheckKind;

constexpr std::size_t kListBytesMax = 200;

std::unique_ptr<Scan> make_scan(const spec::Table& table, const spec::Check& check) {
  switch (check.kind) {
    case CheckKind::kNotNull:
      return std::make_unique<NullScan>(check.columns);
    case CheckKind::kUnique:
    case CheckKind::kReferences:
      return std::make_unique<KeyScan>(check.columns);
    case CheckKind::kAcceptedValues:
    case CheckKind::kRange:
    case CheckKind::kMatches: {
      const auto& column = check.columns.front();
      return std::make_unique<ValueScan>(column, value_rule(check, table.column(column).type));
    }
    case CheckKind::kFreshness:
      return std::make_unique<NewestScan>(check.columns.front());
    case CheckKind::kRowCount:
    case CheckKind::kRowCountChange:
    case CheckKind::kWithdrawn:
    case CheckKind::kSql:
      return nullptr;
  }
  return nullptr;
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

struct Words {
  std::string_view one;
  std::string_view many;
};

Words words_of(CheckKind kind) {
  switch (kind) {
    case CheckKind::kNotNull:
      return {"null", "nulls"};
    case CheckKind::kUnique:
      return {"duplicate", "duplicates"};
    case CheckKind::kReferences:
      return {"dangling reference", "dangling references"};
    case CheckKind::kAcceptedValues:
      return {"other value", "other values"};
    case CheckKind::kRange:
      return {"value outside", "values outside"};
    case CheckKind::kMatches:
      return {"value that does not match", "values that do not match"};
    default:
      return {"row", "rows"};
  }
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  if (text.size() > kListBytesMax) text = text.substr(0, kListBytesMax - 3) + "...";
  return text;
}

std::string expected_text(const spec::Check& check) {
  switch (check.kind) {
    case CheckKind::kAcceptedValues:
      return "one of " + joined(check.accepted_json);
    case CheckKind::kRange:
      return range_text(check.min_json.value_or(""), check.max_json.value_or(""));
    case CheckKind::kMatches:
      return "all of " + check.pattern;
    default:
      return fmt::format("no {}", words_of(check.kind).one);
  }
}

// What examples show of a row: its key, then what the check looked at.
std::vector<std::string> shown_columns(const spec::Table& table, const spec::Check& check) {
  auto columns = table.key;
  for (const auto& name : check.columns) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  }
  return columns;
}

}  // namespace

Judge::Judge(const spec::Table& table, const spec::Check& check)
    : table_(table), check_(check), scan_(make_scan(table, check)) {
  if (check.kind == CheckKind::kReferences) {
    target_ = std::make_unique<KeyScan>(check.other_columns);
  }
}

std::vector<Scan*> Judge::scans_of(const std::string& table) const {
  std::vector<Scan*> scans;
  if (scan_ != nullptr && table == table_.name) scans.push_back(scan_.get());
  if (target_ != nullptr && table == check_.other_table) scans.push_back(target_.get());
  return scans;
}

state::CheckResult Judge::blank() const {
  state::CheckResult result;
  result.table = table_.name;
  result.check = check_.text;
  result.severity = check_.severity == spec::Severity::kFail ? "fail" : "warn";
  return result;
}

Result<state::CheckResult> Judge::finish(const Evidence& evidence) {
  const auto& audited = evidence.tables.at(table_.name);
  auto result = blank();
  switch (check_.kind) {
    case CheckKind::kNotNull:
      return finish_rows(static_cast<const NullScan&>(*scan_).finding(), evidence);
    case CheckKind::kUnique:
      return finish_rows(static_cast<KeyScan&>(*scan_).duplicates(), evidence);
    case CheckKind::kReferences:
      return finish_rows(static_cast<KeyScan&>(*scan_).missing_in(*target_), evidence);
    case CheckKind::kAcceptedValues:
    case CheckKind::kRange:
    case CheckKind::kMatches:
      return finish_rows(static_cast<const ValueScan&>(*scan_).finding(), evidence);
    case CheckKind::kRowCount:
      judge_row_count(audited.rows(), &result);
      return result;
    case CheckKind::kRowCountChange:
      judge_change(audited, &result);
      return result;
    case CheckKind::kFreshness:
      judge_freshness(evidence.landing_us, &result);
      return result;
    case CheckKind::kWithdrawn:
      return judge_withdrawn(audited.candidate().counts, check_);
    case CheckKind::kSql: {
      TRY(const auto found, evidence.run_sql(check_.query));
      result.passed = found.rows == 0;
      result.observed =
          result.passed ? "no row" : rows_text(found.rows) + ", for example " + found.examples;
      result.expected = "no row";
      return result;
    }
  }
  return base::bug("unknown check");
}

Result<state::CheckResult> Judge::finish_rows(const Finding& finding, const Evidence& evidence) {
  auto result = blank();
  const auto words = words_of(check_.kind);
  result.passed = finding.count == 0;
  result.expected = expected_text(check_);
  result.observed = fmt::format("no {}", words.one);
  if (result.passed) return result;
  const auto& audited = evidence.tables.at(table_.name);
  TRY(const auto examples,
      audited.rows_text(evidence.store, finding.rows, shown_columns(table_, check_)));
  result.observed = counted(finding.count, words.one, words.many) + ", for example " + examples;
  return result;
}

void Judge::judge_row_count(std::int64_t rows, state::CheckResult* result) const {
  result->passed = (!check_.rows_min || rows >= *check_.rows_min) &&
                   (!check_.rows_max || rows <= *check_.rows_max);
  result->observed = rows_text(rows);
  result->expected =
      range_text(number_text(check_.rows_min), number_text(check_.rows_max)) + " rows";
}

// Nothing is said of the first rows of a table: there is nothing that they would be a share of.
void Judge::judge_change(const CandidateTable& audited, state::CheckResult* result) const {
  const auto before = audited.published_rows();
  const auto after = audited.rows();
  const double change =
      before == 0 ? 0 : static_cast<double>(after - before) / static_cast<double>(before);
  result->passed = (!check_.decrease_max || -change <= *check_.decrease_max) &&
                   (!check_.increase_max || change <= *check_.increase_max);
  result->observed = fmt::format("{} after {}", rows_text(after), before);
  if (before > 0) {
    result->observed += fmt::format(", {}{}", change > 0 ? "+" : "", percent_text(change));
  }
  if (check_.decrease_max) {
    result->expected = "at most " + percent_text(*check_.decrease_max) + " fewer";
  }
  if (check_.increase_max) {
    result->expected += (result->expected.empty() ? "at most " : ", at most ") +
                        percent_text(*check_.increase_max) + " more";
  }
}

// Measured at the landing, so that a verdict does not depend on when it is given.
void Judge::judge_freshness(std::int64_t landing_us, state::CheckResult* result) const {
  const auto newest = static_cast<const NewestScan&>(*scan_).newest_us();
  result->expected = "at most " + duration_text(check_.age_max) + " before the landing";
  result->passed = newest.has_value() &&
                   landing_us - *newest <= std::chrono::microseconds(check_.age_max).count();
  if (!newest) {
    result->observed = "no value";
    return;
  }
  const auto age = std::chrono::floor<std::chrono::seconds>(
      std::chrono::microseconds(std::max<std::int64_t>(0, landing_us - *newest)));
  result->observed =
      fmt::format("the newest is {}, {} before the landing",
                  base::format_timestamp(base::timestamp_of_micros(*newest)), duration_text(age));
}

state::CheckResult judge_withdrawn(const state::TableCounts& counts, const spec::Check& check) {
  // The window held the rows that the landing matched and those that vanished from it; child rows
  // do not vanish by themselves, they are withdrawn with their parents.
  const std::int64_t held =
      counts.updated + counts.unchanged + std::max(counts.vanished, counts.withdrawn);
  const auto share =
      static_cast<std::int64_t>(static_cast<double>(held) * check.withdrawn_share_max);
  const auto allowed = std::max(check.withdrawn_rows_max, share);
  state::CheckResult result;
  result.table = counts.table;
  result.check = check.text;
  result.severity = check.severity == spec::Severity::kFail ? "fail" : "warn";
  result.passed = counts.withdrawn <= allowed;
  result.observed = fmt::format("{} of {} withdrawn", counts.withdrawn, rows_text(held));
  result.expected = fmt::format("at most {} (the larger of {} and {})", allowed,
                                check.withdrawn_rows_max, percent_text(check.withdrawn_share_max));
  return result;
}

spec::Check default_withdrawn_check() {
  spec::Check check;
  check.kind = CheckKind::kWithdrawn;
  check.text = "withdrawn";
  return check;
}

}  // namespace ashore::audit
