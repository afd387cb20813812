// Reads the tables, each by itself; how they fit together is seen in table_connection.cpp.
#include <algorithm>
#include <array>

#include "config/sections.h"

namespace ashore::config {
namespace {

void read_from(MappingReader& section, TableDraft& draft) {
  const auto* const node =
      section.require("from", "Say 'from: items', or the table whose arrays it holds.");
  draft.from_mark = section.mark_of("from");
  if (node == nullptr) return;
  draft.from_mark = node->mark;
  const auto name = section.values().name(*node, "'from'");
  if (name && name->name != "items") draft.table.parent = name->name;
}

void read_each(MappingReader& section, TableDraft& draft) {
  const auto* const node = section.take("each");
  draft.each_mark = section.mark_of("each");
  if (node == nullptr) {
    if (!draft.table.parent) return;
    return section.values().complain(section.where(),
                                     "table " + shown(draft.table.name) + ": missing key 'each'",
                                     "Say which array holds its rows: 'each: /lines'.");
  }
  if (!draft.table.parent) {
    return section.values().complain(draft.each_mark, "'each' in a table from items",
                                     "An item is one row: remove 'each', or say 'from: <table>'.");
  }
  const auto add = [&](const Node& path) {
    const auto pointer = section.values().pointer(path, "'each'");
    if (pointer) draft.table.each.push_back(*pointer);
  };
  if (node->kind != NodeKind::kList) return add(*node);
  for (const auto& item : node->items) add(item);
  if (node->items.empty())
    section.values().complain(node->mark, "'each' is empty", "Name an array.");
}

void read_key(MappingReader& section, TableDraft& draft) {
  const auto* const node = section.require("key", "Name the columns that tell rows apart.");
  draft.key_mark = section.mark_of("key");
  if (node == nullptr) return;
  draft.key = section.values().names(*node, "'key'");
  if (node->kind == NodeKind::kList && node->items.empty()) {
    section.values().complain(node->mark, "'key' is empty",
                              "Name the columns that tell rows apart.");
  }
}

void read_columns(MappingReader& section, TableDraft& draft) {
  const auto* const node = section.require("columns", "Say {order_id: {path: /id, type: string}}.");
  if (node == nullptr) return;
  if (node->kind != NodeKind::kMapping) {
    return section.values().complain_type(*node, "'columns'", "a mapping");
  }
  for (const auto& entry : node->entries) {
    draft.columns.push_back(read_column(section.values(), entry));
  }
}

void read_partition(MappingReader& section, TableDraft& draft) {
  const auto* const node = section.take("partition");
  if (node == nullptr || (node->kind == NodeKind::kScalar && node->text == "none")) return;
  MappingReader partition(section.values(), *node, section_of("partition"),
                          section.mark_of("partition"));
  if (const auto* const by = partition.require("by", "Name a column; or say 'partition: none'.")) {
    draft.partition = section.values().name(*by, "'by'");
  }
  partition.finish();
}

// `keep: last` or `keep: {latest: updated_at}`.
void read_keep(MappingReader& section, TableDraft& draft) {
  const auto* const keep = section.take("keep");
  if (keep == nullptr) return;
  if (keep->kind != NodeKind::kMapping) {
    const auto index = section.choice("keep", *keep);
    if (index) draft.table.keep = static_cast<Keep>(*index);
    return;
  }
  MappingReader inner(section.values(), *keep, section_of("keep"), section.mark_of("keep"));
  if (const auto* const column =
          inner.require("latest", "Name the column that tells which row is newer.")) {
    draft.latest = section.values().name(*column, "'latest'");
    draft.table.keep = Keep::kLatest;
    if (draft.latest) draft.table.latest = draft.latest->name;
  }
  inner.finish();
}

TableDraft read_table(ValueReader& values, const Entry& entry, const TableDefaults& defaults) {
  TableDraft draft;
  auto& table = draft.table;
  table.name = entry.key;
  table.mark = entry.mark;
  check_identifier(values, entry.key, entry.mark);
  // A Delta log is found by its folder's name, and pg_class is a catalog's wherever it is made.
  if (entry.key == "_delta_log" || entry.key.starts_with("pg_")) {
    values.complain(entry.mark,
                    "'_delta_log' and names beginning with 'pg_' are reserved: " + shown(entry.key),
                    "Choose another name for the table.");
  }
  if (entry.key == "items") {
    values.complain(entry.mark, "a table cannot be called 'items'",
                    "'from: items' would be ambiguous: choose another name.");
  }
  MappingReader section(values, entry.value, section_of("table"), entry.mark,
                        "table " + shown(entry.key));
  read_from(section, draft);
  read_each(section, draft);
  read_key(section, draft);
  read_keep(section, draft);
  if (const auto* const drift = section.take("drift")) {
    // Earlier choices are not in the table of keys, so that neither schema nor documents offer
    // them.
    const bool has_earlier_name = drift->kind == NodeKind::kScalar && drift->text == "hold";
    if (has_earlier_name) {
      warn_of_earlier_name(values, drift->mark, "drift: hold", "drift: block");
      table.drift = OnDrift::kBlock;
    } else if (const auto index = section.choice("drift", *drift)) {
      table.drift = static_cast<OnDrift>(*index);
    }
  }
  if (const auto* const drop = section.take("drop_when_null")) {
    draft.drop_when_null = values.names(*drop, "'drop_when_null'");
  }
  read_columns(section, draft);
  read_partition(section, draft);
  if (const auto* const checks = section.take("checks"))
    draft.checks = read_checks(values, *checks);
  // The place of either name, for complaints that need both this key and the window.
  for (const auto name :
       {std::string_view("missing"), find_key(section_of("table"), "missing")->earlier}) {
    if (section.has(name)) draft.missing_mark = section.mark_of(name);
  }
  auto own = defaults;
  read_table_defaults(section, own);
  table.missing = own.missing;
  table.rejected_rows_max = own.rejected_rows_max;
  table.rejected_share_max = own.rejected_share_max;
  section.finish();
  return draft;
}

}  // namespace

void read_table_defaults(MappingReader& section, TableDefaults& defaults) {
  if (const auto* const node = section.take_renamed("missing")) {
    const auto index = section.choice("missing", *node);
    if (index) defaults.missing = static_cast<Missing>(*index);
  }
  section.take_into("rejected_max_rows", defaults.rejected_rows_max);
  if (const auto* const node = section.take("rejected_max")) {
    const auto share = section.values().share(*node, "'rejected_max'");
    if (share) defaults.rejected_share_max = *share;
  }
}

std::vector<TableDraft> read_tables(ValueReader& values, const Entry& entry,
                                    const TableDefaults& defaults) {
  std::vector<TableDraft> drafts;
  if (entry.value.kind != NodeKind::kMapping) {
    values.complain_type(entry.value, "'tables'", "a mapping");
    return drafts;
  }
  if (entry.value.entries.empty()) {
    values.complain(entry.mark, "no table is named", "Say at least one table from items.");
  }
  for (const auto& table : entry.value.entries) {
    drafts.push_back(read_table(values, table, defaults));
  }
  return drafts;
}

}  // namespace ashore::config
