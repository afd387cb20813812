// Checks tables against each other: parents, keys, types, checks, the window.
#include <algorithm>
#include <map>
#include <set>

#include "config/default_value.h"
#include "config/nearest_name.h"
#include "config/sections.h"

namespace ashore::config {
namespace {

using base::TypeKind;
using Drafts = std::vector<TableDraft>;

const TableDraft* find_table(const Drafts& drafts, std::string_view name) {
  for (const auto& draft : drafts) {
    if (draft.table.name == name) return &draft;
  }
  return nullptr;
}

const ColumnDraft* find_column(const TableDraft& table, std::string_view name) {
  for (const auto& draft : table.columns) {
    if (draft.column.name == name) return &draft;
  }
  return nullptr;
}

std::vector<std::string> table_names(const Drafts& drafts) {
  std::vector<std::string> names;
  for (const auto& draft : drafts) names.push_back(draft.table.name);
  return names;
}

std::vector<std::string> column_names(const TableDraft& table) {
  std::vector<std::string> names;
  for (const auto& draft : table.columns) names.push_back(draft.column.name);
  return names;
}

// The column; complains and returns nullptr if the table has none of that name.
const ColumnDraft* require_column(ValueReader& values, const TableDraft& table,
                                  const MarkedName& name) {
  const auto* const found = find_column(table, name.name);
  if (found == nullptr) {
    values.complain(name.mark, "table '" + table.table.name + "' has no column " + shown(name.name),
                    suggestion(name.name, column_names(table)));
  }
  return found;
}

// Types that columns of a key may have: exact, ordered, the same in every destination.
bool may_be_key(TypeKind kind) {
  return kind != TypeKind::kFloat64 && kind != TypeKind::kJson && kind != TypeKind::kDecimal;
}
// A timestamp would make a folder an instant.
bool may_be_partition(TypeKind kind) { return may_be_key(kind) && kind != TypeKind::kTimestamp; }

bool is_time(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kTimestamp; }

// Parents before children, else the file's order. Tables that never find their parent are left out.
std::vector<std::size_t> parents_first(const Drafts& drafts) {
  std::vector<std::size_t> order;
  std::set<std::string> placed;
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (std::size_t index = 0; index < drafts.size(); ++index) {
      const auto& table = drafts[index].table;
      if (placed.contains(table.name) || (table.parent && !placed.contains(*table.parent)))
        continue;
      placed.insert(table.name);
      order.push_back(index);
      has_grown = true;
    }
  }
  return order;
}

// True if following parents from the table comes back to it.
bool is_own_ancestor(const Drafts& drafts, const TableDraft& start) {
  const auto* table = &start;
  for (std::size_t step = 0; step <= drafts.size(); ++step) {
    if (!table->table.parent) return false;
    table = find_table(drafts, *table->table.parent);
    if (table == nullptr) return false;
    if (table == &start) return true;
  }
  return false;
}

void check_parents(ValueReader& values, const Drafts& drafts) {
  bool has_item_table = drafts.empty();
  for (const auto& draft : drafts) {
    has_item_table = has_item_table || !draft.table.parent;
    if (!draft.table.parent) continue;
    if (find_table(drafts, *draft.table.parent) == nullptr) {
      auto names = table_names(drafts);
      names.insert(names.begin(), "items");
      values.complain(draft.from_mark, "no such table: " + shown(*draft.table.parent),
                      suggestion(*draft.table.parent, names));
    } else if (is_own_ancestor(drafts, draft)) {
      values.complain(draft.from_mark, "table '" + draft.table.name + "' is its own ancestor",
                      "One table of the circle must be 'from: items'.");
    }
    if (draft.missing_mark) {
      values.complain(*draft.missing_mark, "'missing' in a child table",
                      "Child rows go with their parent: say it there.");
    }
  }
  if (!has_item_table) {
    values.complain(drafts.front().table.mark, "no table is made from items",
                    "Say 'from: items' in one.");
  }
}

// Decides a type that something else decides; complains if the file says another.
void decide_type(ValueReader& values, ColumnDraft& draft, base::ColumnType type,
                 std::string_view why) {
  if (draft.type && *draft.type != type) {
    values.complain(
        draft.type_mark,
        "column '" + draft.column.name + "' is " + base::type_name(type) + ": " + std::string(why),
        "Remove 'type', or say the same.");
  }
  draft.type = type;
}

void decide_parent_column(ValueReader& values, ColumnDraft& draft, const TableDraft* parent) {
  if (parent == nullptr) {
    draft.is_readable = false;
    return values.complain(draft.of_mark, "'parent' in a table from items",
                           "Only a table from another table has one: say 'path'.");
  }
  const auto* const source = require_column(values, *parent, {draft.column.of, draft.of_mark});
  if (source == nullptr || !source->type) {
    draft.is_readable = false;
    return;
  }
  decide_type(values, draft, *source->type, "so is its parent's");
}

void decide_date_column(ValueReader& values, ColumnDraft& draft, const TableDraft& table) {
  decide_type(values, draft, {TypeKind::kDate, 0, 0}, "it is the date of another");
  const auto* const source = require_column(values, table, {draft.column.of, draft.of_mark});
  if (source == nullptr || !source->is_readable) return;
  const bool is_date_of = source->column.source == ColumnSource::kDateOf;
  if (is_date_of || (source->type && !is_time(source->type->kind))) {
    values.complain(draft.of_mark,
                    "'date_of' needs a timestamp or date column that is not itself a date_of: " +
                        shown(draft.column.of),
                    "Name the column that the source gives.");
  }
}

// Decides the types of a table whose parent's are decided.
void decide_types(ValueReader& values, TableDraft& table, const TableDraft* parent) {
  for (auto& draft : table.columns) {
    if (!draft.is_readable) continue;
    if (draft.column.source == ColumnSource::kParent) decide_parent_column(values, draft, parent);
    if (draft.column.source != ColumnSource::kPosition) continue;
    decide_type(values, draft, {TypeKind::kInt32, 0, 0}, "it is a position");
    if (parent == nullptr) {
      values.complain(draft.column.mark, "'position' in a table from items",
                      "Only elements of arrays have one.");
    }
  }
  // After the others, which may be what they are the date of.
  for (auto& draft : table.columns) {
    if (draft.is_readable && draft.column.source == ColumnSource::kDateOf) {
      decide_date_column(values, draft, table);
    }
  }
}

// What each `from` makes its values of.
bool fits(From from, TypeKind kind) {
  switch (from) {
    case From::kJson:
      return true;
    case From::kText:
      return kind == TypeKind::kDecimal || kind == TypeKind::kInt32 || kind == TypeKind::kInt64 ||
             kind == TypeKind::kFloat64;
    case From::kNumber:
      return kind == TypeKind::kBoolean;
    case From::kUnixSeconds:
    case From::kUnixMillis:
    case From::kUnixMicros:
      return kind == TypeKind::kTimestamp;
  }
  return false;
}

void check_written(ValueReader& values, const ColumnDraft& draft) {
  const auto kind = draft.type->kind;
  const std::string type = base::type_name(*draft.type);
  if (!fits(draft.column.from, kind)) {
    values.complain(draft.from_mark, "this 'from' makes no " + type,
                    "text: decimal, int32, int64, float64; number: boolean; unix_seconds, "
                    "unix_millis, unix_micros: timestamp.");
  }
  if (draft.format_mark.line == 0) return;
  if (kind != TypeKind::kTimestamp && kind != TypeKind::kDate) {
    values.complain(draft.format_mark, "'format' belongs to a timestamp or date", "Remove it.");
  } else if (draft.column.from != From::kJson) {
    values.complain(draft.format_mark, "'format' reads texts, 'from' says numbers",
                    "Remove one of the two.");
  }
}

void check_zone_and_default(ValueReader& values, const ColumnDraft& draft) {
  if (!draft.type) return;
  check_written(values, draft);
  if (draft.zone_mark.line > 0 &&
      (draft.type->kind != TypeKind::kTimestamp || draft.column.source != ColumnSource::kPath)) {
    values.complain(draft.zone_mark, "'zone' belongs to a timestamp with a path", "Remove it.");
  }
  if (!draft.default_json || draft.column.source != ColumnSource::kPath) return;
  const auto status = check_default(*draft.default_json, *draft.type, draft.column.zone);
  if (status.ok()) return;
  values.complain(
      draft.default_mark,
      "the default is not a " + base::type_name(*draft.type) + ": " + status.error().what(),
      "Write one that fits the column's type.");
}

void check_key(ValueReader& values, const TableDraft& table, const TableDraft* parent) {
  for (const auto& name : table.key) {
    const auto* const column = require_column(values, table, name);
    if (column == nullptr || !column->type || may_be_key(column->type->kind)) continue;
    values.complain(
        name.mark,
        "a " + base::type_name(*column->type) + " cannot be in a key: " + shown(name.name),
        "Key columns are string, int32, int64, boolean, date or timestamp.");
  }
  if (parent == nullptr || table.key.empty()) return;
  for (const auto& parent_key : parent->key) {
    const bool is_there = std::any_of(table.key.begin(), table.key.end(), [&](const auto& name) {
      const auto* const column = find_column(table, name.name);
      return column != nullptr && column->column.source == ColumnSource::kParent &&
             column->column.of == parent_key.name;
    });
    if (is_there) continue;
    values.complain(
        table.key_mark,
        "the key of '" + table.table.name + "' lacks its parent's: " + shown(parent_key.name),
        "Add a column {parent: " + parent_key.name + "} and name it in the key.");
  }
}

void check_partition(ValueReader& values, const TableDraft& table) {
  if (!table.partition) return;
  const auto* const column = require_column(values, table, *table.partition);
  if (column == nullptr) return;
  if (column->type && !may_be_partition(column->type->kind)) {
    values.complain(table.partition->mark,
                    "a " + base::type_name(*column->type) +
                        " cannot partition a table: " + shown(table.partition->name),
                    "Partition columns are string, int32, int64, boolean or date; for a timestamp "
                    "add a column {date_of: " +
                        table.partition->name + "}.");
  }
  if (table.columns.size() == 1) {
    values.complain(table.partition->mark, "the partition column is the table's only column",
                    "Its files would be empty: say 'partition: none'.");
  }
}

void check_references(ValueReader& values, const Drafts& drafts, const TableDraft& table,
                      const CheckDraft& draft) {
  const auto* const rule = std::get_if<ReferencesCheck>(&draft.check.rule);
  if (rule == nullptr || rule->other_table.empty()) return;
  const auto* const other = find_table(drafts, rule->other_table);
  if (other == nullptr) {
    return values.complain(draft.other_table_mark, "no such table: " + shown(rule->other_table),
                           suggestion(rule->other_table, table_names(drafts)));
  }
  if (draft.columns.size() != draft.other_columns.size()) {
    return values.complain(draft.check.mark, "'columns' and 'to' are not equally many",
                           "Each column needs its counterpart.");
  }
  for (std::size_t index = 0; index < draft.columns.size(); ++index) {
    const auto* const left = find_column(table, draft.columns[index].name);
    const auto* const right = require_column(values, *other, draft.other_columns[index]);
    if (left == nullptr || right == nullptr || !left->type || !right->type) continue;
    if (*left->type == *right->type) continue;
    values.complain(draft.columns[index].mark,
                    "'" + left->column.name + "' is " + base::type_name(*left->type) + " but '" +
                        right->column.name + "' is " + base::type_name(*right->type),
                    "Values of two types are never equal.");
  }
}

void check_check(ValueReader& values, const Drafts& drafts, const TableDraft& table,
                 const CheckDraft& draft) {
  for (const auto& name : draft.columns) {
    const auto* const column = require_column(values, table, name);
    if (column != nullptr && column->type) check_column_type(values, draft, name, *column->type);
  }
  check_references(values, drafts, table, draft);
}

// Names of checks tell them apart in verdicts.
void check_check_names(ValueReader& values, const TableDraft& table) {
  std::set<std::string> names;
  for (const auto& draft : table.checks) {
    if (draft.check.name.empty() || names.insert(draft.check.name).second) continue;
    values.complain(
        draft.check.mark,
        "two checks of table '" + table.table.name + "' are called " + shown(draft.check.name),
        "Give each its own name.");
  }
}

std::vector<std::string> plain_names(const std::vector<MarkedName>& marked) {
  std::vector<std::string> names;
  for (const auto& name : marked) names.push_back(name.name);
  return names;
}

// Gives the rule the columns that the draft names.
void name_columns(CheckDraft& draft) {
  const auto columns = plain_names(draft.columns);
  std::visit(
      [&](auto& rule) {
        if constexpr (requires { rule.columns; }) rule.columns = columns;
        if constexpr (requires { rule.column; }) rule.column = columns.front();
        if constexpr (requires { rule.other_columns; }) {
          rule.other_columns = plain_names(draft.other_columns);
        }
      },
      draft.check.rule);
}

// The draft as the table it describes; right only if nothing was complained of.
Table finished(TableDraft& draft, const Table* parent) {
  Table table = std::move(draft.table);
  table.key = plain_names(draft.key);
  table.drop_when_null = plain_names(draft.drop_when_null);
  if (draft.partition) table.partition_by = draft.partition->name;
  if (parent != nullptr) table.missing = parent->missing;
  for (auto& column_draft : draft.columns) {
    auto& column = column_draft.column;
    column.type = column_draft.type.value_or(base::ColumnType{});
    column.default_json = column_draft.default_json;
    const bool is_key =
        std::find(table.key.begin(), table.key.end(), column.name) != table.key.end();
    column.is_required = column.is_required || is_key;
    table.columns.push_back(std::move(column));
  }
  for (auto& check_draft : draft.checks) {
    name_columns(check_draft);
    table.checks.push_back(std::move(check_draft.check));
  }
  return table;
}

void check_latest(ValueReader& values, const TableDraft& table) {
  if (!table.latest) return;
  if (table.table.parent) {
    values.complain(table.latest->mark, "'latest' in a child table",
                    "Rows of a child table go with their parent's: say it there.");
    return;
  }
  const auto* const column = require_column(values, table, *table.latest);
  if (column == nullptr || !column->type) return;
  const auto kind = column->type->kind;
  const bool is_ordered = kind == TypeKind::kTimestamp || kind == TypeKind::kDate ||
                          kind == TypeKind::kInt32 || kind == TypeKind::kInt64 ||
                          kind == TypeKind::kDecimal;
  if (is_ordered) return;
  values.complain(table.latest->mark,
                  "a " + base::type_name(*column->type) +
                      " does not tell which row is newer: " + shown(table.latest->name),
                  "Name a timestamp, date, int32, int64 or decimal column.");
}

void check_table(ValueReader& values, const Drafts& drafts, const TableDraft& table) {
  const auto* const parent = table.table.parent ? find_table(drafts, *table.table.parent) : nullptr;
  for (const auto& column : table.columns) check_zone_and_default(values, column);
  check_key(values, table, parent);
  for (const auto& name : table.drop_when_null) (void)require_column(values, table, name);
  check_partition(values, table);
  check_latest(values, table);
  for (const auto& check : table.checks) check_check(values, drafts, table, check);
  check_check_names(values, table);
}

}  // namespace

void check_window(ValueReader& values, const ExtractDraft& extract, const Drafts& drafts) {
  if (!extract.extract.window || extract.extract.window->column.empty()) return;
  const auto& name = extract.extract.window->column;
  const ColumnDraft* wrong = nullptr;
  std::vector<std::string> candidates;
  for (const auto& draft : drafts) {
    if (draft.table.parent) continue;
    for (const auto& column : draft.columns) {
      const bool fits = !column.type || is_time(column.type->kind);
      if (fits && column.column.name == name) return;
      if (fits) candidates.push_back(column.column.name);
      if (!fits && column.column.name == name) wrong = &column;
    }
  }
  values.complain(
      extract.window_column_mark,
      wrong == nullptr
          ? "no item table has the window's column: " + shown(name)
          : "the window's column is " + base::type_name(*wrong->type) + ": " + shown(name),
      "It is a timestamp or date column of a table from items. " + suggestion(name, candidates));
}

namespace {

// Whether rows are asked for by this column; one that was complained of is taken for right.
bool is_asked_for(const ColumnDraft& draft, const json::Pointer& id) {
  if (!draft.is_readable || !draft.type) return true;
  const auto kind = draft.type->kind;
  const bool is_scalar = kind == base::TypeKind::kString || kind == base::TypeKind::kInt32 ||
                         kind == base::TypeKind::kInt64;
  return is_scalar && draft.column.source == ColumnSource::kPath && draft.column.path == id;
}

bool has_key_of_items(const TableDraft& draft, const json::Pointer& id) {
  if (draft.key.empty()) return true;  // complained of
  if (draft.key.size() > 1) return false;
  return std::ranges::all_of(draft.columns, [&](const ColumnDraft& column) {
    return column.column.name != draft.key.front().name || is_asked_for(column, id);
  });
}

}  // namespace

void check_lookup(ValueReader& values, const ExtractDraft& extract, const Drafts& drafts) {
  if (!extract.extract.lookup) return;
  const auto& id = extract.extract.items.id;
  if (!id) {
    values.complain(extract.lookup_mark, "the lookup asks by items.id, which is not there",
                    "Say where an item's id lies, items: {id: /id}, or leave the lookup out.");
    return;
  }
  // Tables with another key, dimensions of the items, are kept as they are; one must be askable.
  const TableDraft* other = nullptr;
  for (const auto& draft : drafts) {
    if (draft.table.parent) continue;
    if (has_key_of_items(draft, *id)) return;
    if (other == nullptr) other = &draft;
  }
  if (other == nullptr) return;
  values.complain(
      other->key_mark,
      "the lookup asks by items.id, which is not the key of table " + shown(other->table.name),
      "Make its key one string, int32 or int64 column of path " + id->to_string() +
          ", or leave the lookup out.");
}

void connect_tables(ValueReader& values, Drafts& drafts) {
  check_parents(values, drafts);
  for (const auto index : parents_first(drafts)) {
    auto& draft = drafts[index];
    decide_types(values, draft,
                 draft.table.parent ? find_table(drafts, *draft.table.parent) : nullptr);
  }
  for (const auto& draft : drafts) check_table(values, drafts, draft);
}

std::vector<Table> finished_tables(Drafts drafts) {
  std::vector<Table> tables;
  for (const auto index : parents_first(drafts)) {
    const Table* parent = nullptr;
    for (const auto& table : tables) {
      if (table.name == drafts[index].table.parent) parent = &table;
    }
    tables.push_back(finished(drafts[index], parent));
  }
  return tables;
}

}  // namespace ashore::config
