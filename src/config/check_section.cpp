// Reads a table's checks: what each asks; whether its columns exist is seen later.
#include <algorithm>
#include <cassert>

#include "base/pattern.h"
#include "config/nearest_name.h"
#include "config/sections.h"

namespace ashore::config {
namespace {

constexpr double kIncreaseMax = 1'000'000;

std::string kinds_text() {
  std::string text = "Checks: ";
  for (const auto& name : check_kinds()) text += (text.back() == ' ' ? "" : ", ") + name;
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
void read_long_reference(MappingReader& section, ReferencesCheck& rule, CheckDraft& draft) {
  if (const auto* const columns = section.require("columns", "Name this table's columns.")) {
    draft.columns = read_columns(section.values(), *columns, "'columns'");
  }
  if (const auto* const table = section.require("table", "Name the other table.")) {
    const auto name = section.values().name(*table, "'table'");
    if (name) rule.other_table = name->name;
    draft.other_table_mark = table->mark;
  }
  draft.other_columns = draft.columns;
  if (const auto* const to = section.take("to")) {
    draft.other_columns = read_columns(section.values(), *to, "'to'");
  }
  section.finish();
}

// {order_id: orders.order_id}
void read_short_reference(ValueReader& values, const Node& node, ReferencesCheck& rule,
                          CheckDraft& draft) {
  for (const auto& entry : node.entries) {
    const auto target = values.name(entry.value, quoted(entry.key));
    if (!target) continue;
    const auto dot = target->name.find('.');
    const auto table = target->name.substr(0, dot);
    if (dot == std::string::npos || (!rule.other_table.empty() && rule.other_table != table)) {
      values.complain(entry.value.mark, "not a column of one other table: " + shown(target->name),
                      "Write {order_id: orders.order_id}, or {columns: [...], table: ..., to: "
                      "[...]}.");
      continue;
    }
    rule.other_table = table;
    draft.other_table_mark = entry.value.mark;
    draft.columns.push_back({entry.key, entry.mark});
    draft.other_columns.push_back({target->name.substr(dot + 1), entry.value.mark});
  }
}

void read_references(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  const auto& node = entry.value;
  auto& rule = draft.check.rule.emplace<ReferencesCheck>();
  const bool is_long = std::any_of(node.entries.begin(), node.entries.end(), [](const Entry& each) {
    return each.key == "columns" || each.key == "table" || each.key == "to" ||
           each.value.kind != NodeKind::kScalar || each.value.text.find('.') == std::string::npos;
  });
  if (node.kind == NodeKind::kMapping && !node.entries.empty() && !is_long) {
    return read_short_reference(values, node, rule, draft);
  }
  MappingReader section(values, node, section_of("references"), entry.mark);
  read_long_reference(section, rule, draft);
}

void read_row_count(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<RowCountCheck>();
  MappingReader section(values, entry.value, section_of("row_count"), entry.mark);
  section.take_into("min", rule.rows_min);
  section.take_into("max", rule.rows_max);
  section.finish();
  if (section.is_mapping() && entry.value.entries.empty()) {
    values.complain(entry.mark, "'row_count' says neither min nor max", "Say {min: 1}.");
  }
  if (rule.rows_max && rule.rows_min.value_or(0) > *rule.rows_max) {
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
  auto& rule = draft.check.rule.emplace<AcceptedValuesCheck>();
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  if (node->kind != NodeKind::kList || node->items.empty()) {
    return values.complain_type(*node, quoted(entry.key), "a list of values");
  }
  for (const auto& item : node->items) {
    auto json = values.json(item);
    if (!json) continue;
    rule.accepted_json.push_back(*std::move(json));
    draft.value_marks.push_back(item.mark);
  }
}

void read_range(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<RangeCheck>();
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  MappingReader section(values, *node, section_of("range"), entry.mark);
  if (const auto* const min = section.take("min")) {
    rule.min_json = values.json(*min);
    draft.min_mark = min->mark;
  }
  if (const auto* const max = section.take("max")) {
    rule.max_json = values.json(*max);
    draft.max_mark = max->mark;
  }
  section.finish();
  if (section.is_mapping() && node->entries.empty()) {
    values.complain(entry.mark, "'range' says neither min nor max", "Say {min: 0}.");
  }
}

void read_matches(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<MatchesCheck>();
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  const auto pattern = values.text(*node, quoted(entry.key));
  if (!pattern) return;
  const auto compiled = base::Pattern::compile(*pattern);
  if (!compiled.ok()) {
    return values.complain(node->mark, quoted(entry.key) + ": " + compiled.error().what(),
                           compiled.error().remedy());
  }
  rule.pattern = *pattern;
}

void read_row_count_change(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<RowCountChangeCheck>();
  MappingReader section(values, entry.value, section_of("row_count_change"), entry.mark);
  if (const auto* const node = section.take("decrease_max")) {
    rule.decrease_max = values.share(*node, "'decrease_max'");
  }
  if (const auto* const node = section.take("increase_max")) {
    rule.increase_max = values.share(*node, "'increase_max'", kIncreaseMax);
  }
  section.finish();
  if (section.is_mapping() && entry.value.entries.empty()) {
    values.complain(entry.mark, "'row_count_change' says neither decrease_max nor increase_max",
                    "Say {decrease_max: 10%}.");
  }
}

void read_freshness(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<FreshnessCheck>();
  const auto* const node = read_one_column(values, entry, draft);
  if (node == nullptr) return;
  const auto age = values.duration(*node, quoted(entry.key));
  if (age) rule.age_max = *age;
}

void read_deleted(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<DeletedCheck>();
  MappingReader section(values, entry.value, section_of("deleted"), entry.mark, quoted(entry.key));
  section.take_into("max_rows", rule.rows_max);
  if (const auto* const node = section.take("max")) {
    const auto share = values.share(*node, "'max'");
    if (share) rule.share_max = *share;
  }
  section.finish();
}

// Whether it is SQL is for DuckDB to say, when it runs.
void read_sql(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  auto& rule = draft.check.rule.emplace<SqlCheck>();
  const auto query = values.text(entry.value, quoted(entry.key));
  if (!query) return;
  if (query->find_first_not_of(" \t\r\n;") == std::string::npos) {
    return values.complain(entry.value.mark, "'sql': there is no query",
                           "Write a SELECT whose rows are what is wrong.");
  }
  rule.query = *query;
}

void read_not_null(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  draft.check.rule = NotNullCheck{};
  draft.columns = read_columns(values, entry.value, quoted(entry.key));
}

void read_unique(ValueReader& values, const Entry& entry, CheckDraft& draft) {
  draft.check.rule = UniqueCheck{};
  draft.columns = read_columns(values, entry.value, quoted(entry.key));
}

using RuleReader = void (*)(ValueReader&, const Entry&, CheckDraft&);
// In the order of check_kinds().
constexpr RuleReader kRuleReaders[] = {
    read_not_null,        read_unique,  read_references, read_row_count,
    read_accepted_values, read_range,   read_matches,    read_row_count_change,
    read_freshness,       read_deleted, read_sql};

void read_kind(ValueReader& values, const Entry& entry, std::size_t kind, CheckDraft& draft) {
  draft.check.text = check_kinds()[kind] + ": " + flow_text(entry.value);
  kRuleReaders[kind](values, entry, draft);
  assert(draft.check.rule.index() == kind);
}

// What every kind may say beside itself.
void read_severity_and_name(MappingReader& section, CheckDraft& draft) {
  if (const auto index = section.take_choice("severity")) {
    draft.check.severity = static_cast<Severity>(*index);
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
  MappingReader section(values, node, section_of("check"), node.mark);
  if (!section.is_mapping()) return std::nullopt;
  read_severity_and_name(section, draft);
  const auto& keys = section_of("check").keys;
  const auto& names = check_kinds();
  int kinds = 0;
  for (const auto& entry : node.entries) {
    if (entry.key == "severity" || entry.key == "name") continue;
    ++kinds;
    const auto renamed = std::ranges::find(keys, entry.key, &Key::earlier);
    if (renamed != keys.end()) warn_of_earlier_name(values, entry.mark, entry.key, renamed->name);
    const auto kind =
        std::ranges::find(names, renamed == keys.end() ? entry.key : std::string(renamed->name));
    if (kind == names.end()) {
      const auto nearest = nearest_name(entry.key, names);
      values.complain(
          entry.mark, "unknown check " + shown(entry.key),
          (nearest ? "Did you mean '" + *nearest + "'? " : std::string()) + kinds_text() + ".");
      return std::nullopt;
    }
    if (kinds > 1) continue;
    read_kind(values, entry, static_cast<std::size_t>(kind - names.begin()), draft);
    if (!draft.check.name.empty()) draft.check.text = *kind + ": " + draft.check.name;
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

}  // namespace ashore::config
