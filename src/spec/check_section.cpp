// Reads a table's checks: what each asks; whether its columns exist is seen later.
#include <algorithm>
#include <array>

#include "spec/nearest_name.h"
#include "spec/sections.h"

namespace ashore::spec {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"not_null", "unique", "references",
                                                    "row_count"};
constexpr std::array<std::string_view, 2> kSeverities = {"fail", "warn"};
constexpr std::int64_t kRowsMax = 1'000'000'000'000'000;

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

void read_kind(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto kind = std::find(kKinds.begin(), kKinds.end(), entry.key) - kKinds.begin();
  draft.check.kind = static_cast<CheckKind>(kind);
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
  }
}

// Nothing if the node is no check, which has been complained of.
std::optional<CheckDraft> read_check(ValueReader& values, const Node& node) {
  CheckDraft draft;
  draft.check.mark = node.mark;
  MappingReader section(values, node, "a check", node.mark);
  if (!section.is_mapping()) return std::nullopt;
  if (const auto* const severity = section.take("severity")) {
    const auto index = values.choice(*severity, "'severity'", kSeverities);
    if (index) draft.check.severity = static_cast<Severity>(*index);
  }
  int kinds = 0;
  for (const auto& entry : node.entries) {
    if (entry.key == "severity") continue;
    ++kinds;
    if (std::find(kKinds.begin(), kKinds.end(), entry.key) == kKinds.end()) {
      const auto nearest = nearest_name(entry.key, {kKinds.begin(), kKinds.end()});
      values.complain(entry.mark, "unknown check " + shown(entry.key),
                      (nearest ? "Did you mean '" + *nearest + "'? " : std::string()) +
                          "Checks: not_null, unique, references, row_count.");
      return std::nullopt;
    }
    if (kinds == 1) read_kind(values, entry, draft);
  }
  if (kinds == 1) return draft;
  values.complain(node.mark, "a check needs exactly one kind",
                  "Checks: not_null, unique, references, row_count; one in each list element.");
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
