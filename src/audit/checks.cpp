// Each check is a count of what breaks it and an example.
#include "audit/checks.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "columnar/keys.h"

namespace ashore::audit {

namespace {

using Rows = std::vector<std::int64_t>;

void add_missing(const std::vector<std::string>& names, std::vector<std::string>* columns) {
  for (const auto& name : names) {
    if (std::ranges::find(*columns, name) == columns->end()) columns->push_back(name);
  }
}

// Rows in which none of the columns is null: nulls are never equal and refer to nothing.
Rows rows_without_null(const arrow::Table& table, const std::vector<std::string>& columns) {
  std::vector<bool> has_null(static_cast<std::size_t>(table.num_rows()), false);
  for (const auto& name : columns) {
    std::size_t row = 0;
    for (const auto& chunk : table.GetColumnByName(name)->chunks()) {
      if (chunk->null_count() == 0) {
        row += static_cast<std::size_t>(chunk->length());
        continue;
      }
      for (std::int64_t index = 0; index < chunk->length(); ++index, ++row) {
        if (chunk->IsNull(index)) has_null[row] = true;
      }
    }
  }
  Rows rows;
  for (std::size_t row = 0; row < has_null.size(); ++row) {
    if (!has_null[row]) rows.push_back(static_cast<std::int64_t>(row));
  }
  return rows;
}

std::shared_ptr<arrow::Table> with_columns(const arrow::Table& table,
                                           const std::vector<std::string>& columns) {
  std::vector<int> indices;
  for (const auto& name : columns) indices.push_back(table.schema()->GetFieldIndex(name));
  return *table.SelectColumns(indices);
}

struct Keys {
  std::shared_ptr<arrow::Table> rows;
  columnar::KeyColumn keys;
};

Keys keys_of(const AuditedTable& table, const std::vector<std::string>& columns) {
  const auto narrow = with_columns(*table.columns, columns);
  auto rows = columnar::take_rows(*narrow, rows_without_null(*narrow, columns));
  auto keys = columnar::KeyColumn::encode(*rows, columns);
  return {std::move(rows), std::move(keys)};
}

// "order_id=17, line=2", at most 200 bytes.
std::string row_text(const arrow::Table& rows, std::int64_t row) {
  std::string text;
  for (int index = 0; index < rows.num_columns(); ++index) {
    const auto scalar = rows.column(index)->GetScalar(row);
    text += (index == 0 ? "" : ", ") + rows.field(index)->name() + "=" +
            (scalar.ok() ? (*scalar)->ToString() : "?");
  }
  if (text.size() > 200) text = text.substr(0, 197) + "...";
  return text;
}

struct Finding {
  std::int64_t count = 0;
  std::string example;
};

Finding find_nulls(const AuditedTable& table, const std::vector<std::string>& columns) {
  Finding finding;
  for (const auto& name : columns) {
    const auto nulls = table.columns->GetColumnByName(name)->null_count();
    finding.count += nulls;
    if (nulls > 0 && finding.example.empty()) finding.example = "in column " + name;
  }
  return finding;
}

Finding find_duplicates(const AuditedTable& table, const std::vector<std::string>& columns) {
  const auto keyed = keys_of(table, columns);
  const auto order = keyed.keys.order();
  Finding finding;
  for (std::size_t index = 1; index < order.size(); ++index) {
    if (keyed.keys.at(order[index]) != keyed.keys.at(order[index - 1])) continue;
    if (finding.count++ == 0) finding.example = row_text(*keyed.rows, order[index]);
  }
  return finding;
}

Finding find_dangling(const AuditedTable& table, const std::vector<std::string>& columns,
                      const AuditedTable& other, const std::vector<std::string>& other_columns) {
  const auto targets = keys_of(other, other_columns);
  std::unordered_set<std::string_view> known;
  known.reserve(static_cast<std::size_t>(targets.keys.size()));
  for (std::int64_t row = 0; row < targets.keys.size(); ++row) known.insert(targets.keys.at(row));
  const auto sources = keys_of(table, columns);
  Finding finding;
  for (std::int64_t row = 0; row < sources.keys.size(); ++row) {
    if (known.contains(sources.keys.at(row))) continue;
    if (finding.count++ == 0) finding.example = row_text(*sources.rows, row);
  }
  return finding;
}

std::string observed_text(const Finding& finding, std::string_view noun) {
  if (finding.count == 0) return fmt::format("no {}", noun);
  return fmt::format("{} {}{}, for example {}", finding.count, noun, finding.count == 1 ? "" : "s",
                     finding.example);
}

std::string range_text(const spec::Check& check) {
  if (check.rows_min && check.rows_max) {
    return fmt::format("{} to {} rows", *check.rows_min, *check.rows_max);
  }
  if (check.rows_min) return fmt::format("at least {} rows", *check.rows_min);
  return fmt::format("at most {} rows", check.rows_max.value_or(0));
}

void set(const Finding& finding, std::string_view noun, state::CheckResult* result) {
  result->passed = finding.count == 0;
  result->observed = observed_text(finding, noun);
  result->expected = fmt::format("no {}", noun);
}

}  // namespace

std::vector<std::string> needed_columns(const spec::Pipeline& pipeline, const std::string& table) {
  std::vector<std::string> columns;
  for (const auto& owner : pipeline.tables) {
    for (const auto& check : owner.checks) {
      if (owner.name == table) add_missing(check.columns, &columns);
      if (check.other_table == table) add_missing(check.other_columns, &columns);
    }
  }
  return columns;
}

state::CheckResult evaluate(const spec::Table& table, const spec::Check& check,
                            const std::map<std::string, AuditedTable>& tables) {
  state::CheckResult result;
  result.table = table.name;
  result.check = check.text;
  result.severity = check.severity == spec::Severity::kFail ? "fail" : "warn";
  const auto& audited = tables.at(table.name);
  switch (check.kind) {
    case spec::CheckKind::kNotNull:
      set(find_nulls(audited, check.columns), "null", &result);
      break;
    case spec::CheckKind::kUnique:
      set(find_duplicates(audited, check.columns), "duplicate", &result);
      break;
    case spec::CheckKind::kReferences:
      set(find_dangling(audited, check.columns, tables.at(check.other_table), check.other_columns),
          "dangling reference", &result);
      break;
    case spec::CheckKind::kRowCount:
      result.passed = (!check.rows_min || audited.rows >= *check.rows_min) &&
                      (!check.rows_max || audited.rows <= *check.rows_max);
      result.observed = fmt::format("{} row{}", audited.rows, audited.rows == 1 ? "" : "s");
      result.expected = range_text(check);
      break;
  }
  return result;
}

state::CheckResult evaluate_withdrawn(const state::TableCounts& counts) {
  // The window held the rows that the landing matched and those that vanished from it.
  const std::int64_t held = counts.updated + counts.unchanged + counts.vanished;
  const std::int64_t allowed = std::max<std::int64_t>(5, held / 5);
  state::CheckResult result;
  result.table = counts.table;
  result.check = "withdrawn";
  result.severity = "fail";
  result.passed = counts.withdrawn <= allowed;
  result.observed = fmt::format("{} of {} rows withdrawn", counts.withdrawn, held);
  result.expected = fmt::format("at most {} (the larger of 5 and 20 %)", allowed);
  return result;
}

}  // namespace ashore::audit
