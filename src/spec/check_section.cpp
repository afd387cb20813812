// Reads a table's checks: what each asks; whether its columns exist is seen later.
#include <algorithm>
#include <array>

#include "base/pattern.h"
#include "spec/nearest_name.h"
#include "spec/sections.h"

namespace ashore::spec {
namespace {

constexpr int kKindCount = static_cast<int>(CheckKind::kSql) + 1;
constexpr std::array<std::string_view, 2> kSeverities = {"fail", "warn"};
constexpr std::int64_t kRowsMax = 1'000'000'000'000'000;
constexpr double kIncreaseMax = 1'000'000;

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (int kind = 0; kind < kKindCount; ++kind) {
    names.emplace_back(check_kind_name(static_cast<CheckKind>(kind)));
  }
  return names;
}

std::string kinds_text() {
  std::string text = "Checks: ";
  for (const auto& name : kind_names()) text += (text.back() == ' ' ? "" : ", ") + name;
  return text;
}

std::vector<MarkedName> read_columns(ValueReader& values, const Node& node, std::string_view what) {
  auto columns = values.names(node, what);
  if (node.kind == NodeKind::kList && node.items.empty()) {
    values.complain(node.mark, std::string(what) + ": no column is named", "Name at least one.");
  }
  return columns;
}

// {columns: [a], table: t, to: [b]}
void read_long_reference(MappingReader& section, CheckDraft& draft) {
  if (const auto* const columns = section.require("columns", "Name this table's columns.")) {
    draft.columns = read_columns(section.values(), *columns, "'columns'");
  }
  if (const auto* const table = section.require("table", "Name the other table.")) {
    const auto name = section.values().name(*table, "'table'");
    if (name) draft.check.other_table = name->name;
    draft.other_table_mark = table->mark;
  }
  draft.other_columns = draft.columns;
  if (const auto* const to = section.take("to")) {
    draft.other_columns = read_columns(section.values(), *to, "'to'");
  }
  section.finish();
}

// {order_id: orders.order_id}
void read_short_reference(ValueReader& values, const Node& node, CheckDraft& draft) {
  for (const auto& entry : node.entries) {
    const auto target = values.name(entry.value, quoted(entry.key));
    if (!target) continue;
    const auto dot = target->name.find('.');
    const auto table = target->name.substr(0, dot);
    if (dot == std::string::npos ||
        (!draft.check.other_table.empty() && draft.check.other_table != table)) {
      values.complain(entry.value.mark, "not a column of one other table: " + shown(target->name),
                      "Write {order_id: orders.order_id}, or {columns: [...], table: ..., to: "
                      "[...]}.");
      continue;
    }
    draft.check.other_table = table;
    draft.other_table_mark = entry.value.mark;
    draft.columns.push_back({entry.key, entry.mark});
    draft.other_columns.push_back({target->name.substr(dot + 1), entry.value.mark});
  }
}

void read_references(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto& node = entry.value;
  const bool is_long = std::any_of(node.entries.begin(), node.entries.end(), [](const Entry& each) {
    return each.key == "columns" || each.key == "table" || each.key == "to" ||
           each.value.kind != NodeKind::kScalar || each.value.text.find('.') == std::string::npos;
  });
  if (node.kind == NodeKind::kMapping && !node.entries.empty() && !is_long) {
    return read_short_reference(values, node, draft);
  }
  MappingReader section(values, node, "'references'", entry.mark);
  read_long_reference(section, draft);
}

void read_row_count(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  MappingReader section(values, entry.value, "'row_count'", entry.mark);
  const auto read = [&](std::string_view key, std::optional<std::int64_t>& target) {
    const auto* const node = section.take(key);
    if (node != nullptr) target = values.integer(*node, quoted(key), {0, kRowsMax});
  };
  read("min", draft.check.rows_min);
  read("max", draft.check.rows_max);
  section.finish();
  if (section.is_mapping() && entry.value.entries.empty()) {
    values.complain(entry.mark, "'row_count' says neither min nor max", "Say {min: 1}.");
  }
  if (draft.check.rows_min.value_or(0) > draft.check.rows_max.value_or(kRowsMax)) {
    values.complain(entry.mark, "'row_count': min is above max", "Exchange them.");
  }
}

// The one entry of {column: ...}, whose column becomes the check's; complains of anything else.
const Node* read_one_column(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto& node = entry.value;
  if (node.kind != NodeKind::kMapping || node.entries.size() != 1) {
    values.complain(entry.mark, quoted(entry.key) + ": expected one column and what it is held to",
                    "Write {" + entry.key + ": {column: ...}}, and one check for each column.");
    return nullptr;
  }
  draft.columns = {{node.entries.front().key, node.entries.front().mark}};
  return &node.entries.front().value;
}

void read_accepted_values(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  if (node->kind != NodeKind::kList || node->items.empty()) {
    return values.complain_type(*node, quoted(entry.key), "a list of values");
  }
  for (const auto& item : node->items) {
    auto json = values.json(item);
    if (!json) continue;
    draft.check.accepted_json.push_back(*std::move(json));
    draft.value_marks.push_back(item.mark);
  }
}

void read_range(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  MappingReader section(values, *node, "'range'", entry.mark);
  if (const auto* const min = section.take("min")) {
    draft.check.min_json = values.json(*min);
    draft.min_mark = min->mark;
  }
  if (const auto* const max = section.take("max")) {
    draft.check.max_json = values.json(*max);
    draft.max_mark = max->mark;
  }
  section.finish();
  if (section.is_mapping() && node->entries.empty()) {
    values.complain(entry.mark, "'range' says neither min nor max", "Say {min: 0}.");
  }
}

void read_matches(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  const auto pattern = values.text(*node, quoted(entry.key));
  if (!pattern) return;
  const auto compiled = base::Pattern::compile(*pattern);
  if (!compiled.ok()) {
    return values.complain(node->mark, quoted(entry.key) + ": " + compiled.error().what(),
                           compiled.error().remedy());
  }
  draft.check.pattern = *pattern;
}

void read_row_count_change(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  MappingReader section(values, entry.value, "'row_count_change'", entry.mark);
  if (const auto* const node = section.take("decrease_max")) {
    draft.check.decrease_max = values.share(*node, "'decrease_max'");
  }
  if (const auto* const node = section.take("increase_max")) {
    draft.check.increase_max = values.share(*node, "'increase_max'", kIncreaseMax);
  }
  section.finish();
  if (section.is_mapping() && entry.value.entries.empty()) {
    values.complain(entry.mark, "'row_count_change' says neither decrease_max nor increase_max",
                    "Say {decrease_max: 10%}.");
  }
}

void read_freshness(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  const auto age = values.duration(*node, quoted(entry.key));
  if (age) draft.check.age_max = *age;
}

void read_withdrawn(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  MappingReader section(values, entry.value, "'withdrawn'", entry.mark);
  section.take_into("max_rows", {0, kRowsMax}, draft.check.withdrawn_rows_max);
  if (const auto* const node = section.take("max")) {
    const auto share = values.share(*node, "'max'");
    if (share) draft.check.withdrawn_share_max = *share;
  }
  section.finish();
}

// Whether it is SQL is for DuckDB to say, when it runs.
void read_sql(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto query = values.text(entry.value, quoted(entry.key));
  if (!query) return;
  if (query->find_first_not_of(" \t\r\n;") == std::string::npos) {
    return values.complain(entry.value.mark, "'sql': there is no query",
                           "Write a SELECT whose rows are what is wrong.");
  }
  draft.check.query = *query;
}

void read_kind(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  draft.check.text = entry.key + ": " + flow_text(entry.value);
  switch (draft.check.kind) {
    case CheckKind::kNotNull:
    case CheckKind::kUnique:
      draft.columns = read_columns(values, entry.value, quoted(entry.key));
      return;
    case CheckKind::kReferences:
      return read_references(values, entry, draft);
    case CheckKind::kRowCount:
      return read_row_count(values, entry, draft);
    case CheckKind::kAcceptedValues:
      return read_accepted_values(values, entry, draft);
    case CheckKind::kRange:
      return read_range(values, entry, draft);
    case CheckKind::kMatches:
      return read_matches(values, entry, draft);
    case CheckKind::kRowCountChange:
      return read_row_count_change(values, entry, draft);
    case CheckKind::kFreshness:
      return read_freshness(values, entry, draft);
    case CheckKind::kWithdrawn:
      return read_withdrawn(values, entry, draft);
    case CheckKind::kSql:
      return read_sql(values, entry, draft);
  }
}

// What every kind may say beside itself.
void read_severity_and_name(MappingReader& section, CheckDraft& draft) {
  if (const auto* const severity = section.take("severity")) {
    const auto index = section.values().choice(*severity, "'severity'", kSeverities);
    if (index) draft.check.severity = static_cast<Severity>(*index);
  }
  if (const auto* const name = section.take("name")) {
    const auto read = section.values().name(*name, "'name'");
    if (read && check_identifier(section.values(), read->name, read->mark)) {
      draft.check.name = read->name;
    }
  }
}

// Nothing if the node is no check, which has been complained of.
std::optional<CheckDraft> read_check(ValueReader& values, const Node& node) {
  CheckDraft draft;
  draft.check.mark = node.mark;
  MappingReader section(values, node, "a check", node.mark);
  if (!section.is_mapping()) return std::nullopt;
  read_severity_and_name(section, draft);
  const auto names = kind_names();
  int kinds = 0;
  for (const auto& entry : node.entries) {
    if (entry.key == "severity" || entry.key == "name") continue;
    ++kinds;
    const auto kind = std::find(names.begin(), names.end(), entry.key);
    if (kind == names.end()) {
      const auto nearest = nearest_name(entry.key, names);
      values.complain(
          entry.mark, "unknown check " + shown(entry.key),
          (nearest ? "Did you mean '" + *nearest + "'? " : std::string()) + kinds_text() + ".");
      return std::nullopt;
    }
    if (kinds > 1) continue;
    draft.check.kind = static_cast<CheckKind>(kind - names.begin());
    read_kind(values, entry, draft);
    if (!draft.check.name.empty()) draft.check.text = entry.key + ": " + draft.check.name;
  }
  if (kinds == 1) return draft;
  values.complain(node.mark, "a check needs exactly one kind",
                  kinds_text() + "; one in each list element.");
  return std::nullopt;
}

}  // namespace

std::vector<CheckDraft> read_checks(ValueReader& values, const Node& node) {
  std::vector<CheckDraft> checks;
  if (node.kind != NodeKind::kList) {
    values.complain_type(node, "'checks'", "a list");
    return checks;
  }
  for (const auto& item : node.items) {
    if (auto check = read_check(values, item)) checks.push_back(*std::move(check));
  }
  return checks;
}

}  // namespace ashore::spec
