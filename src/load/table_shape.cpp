// Compares the columns and keys of a destination's table with the published ones.
// Reads catalogs directly: information_schema hides what the user has no rights on.
#include "load/table_shape.h"

#include <algorithm>

#include "load/small_answer.h"

namespace ashore::load {

namespace {

using base::Result;
using base::Status;
using warehouse::Connection;
using warehouse::Dialect;
using warehouse::quote_identifier;
using warehouse::quote_literal;
using warehouse::sql_type;

std::string shape_query(Dialect dialect, const std::string& table) {
  if (dialect == Dialect::kDuckDb) {
    return "SELECT column_name, data_type, CAST(is_nullable AS VARCHAR), 'false',"
           " CASE WHEN table_name IN (SELECT view_name FROM duckdb_views() WHERE NOT internal)"
           " THEN 'view' ELSE 'table' END FROM duckdb_columns()"
           " WHERE database_name = current_database() AND schema_name = 'main' AND table_name = " +
           quote_literal(table) + " ORDER BY column_index";
  }
  return "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)::text,"
         " (NOT a.attnotnull)::text, coalesce(a.attnum = ANY (i.indkey), false)::text,"
         " CASE WHEN c.relkind IN ('r', 'p') THEN 'table' ELSE 'view' END"
         " FROM pg_catalog.pg_class c"
         " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " JOIN pg_catalog.pg_attribute a"
         " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
         " LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary"
         " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
         " AND c.relname = " +
         quote_literal(table) + " ORDER BY a.attnum";
}

bool is_key(const Target& target, const std::string& name) {
  return std::find(target.key.begin(), target.key.end(), name) != target.key.end();
}

// What differs, gathered, so that one refusal names all of it.
struct Differences {
  std::vector<std::string> found;
  std::vector<std::string> alters;

  void add(const Target& target, const std::string& what, const std::string& alter) {
    found.push_back(what);
    alters.push_back("ALTER TABLE " + target.name + " " + alter);
  }
};

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

Status refusal(const Differences& differences) {
  if (differences.found.empty()) return {};
  return base::permanent("table in the destination differs: " + joined(differences.found, "; "))
      .with_remedy("To fix it: " + joined(differences.alters, "; "));
}

void compare_type(const Target& target, const base::Field& field, const HeldColumn& held,
                  Differences* differences) {
  const std::string column = quote_identifier(field.name);
  const std::string type = sql_type(field.type, target.dialect);
  if (held.type == type) return;
  const bool is_postgres = target.dialect == Dialect::kPostgreSql;
  differences->add(target, "column " + column + " is " + held.type + ", not " + type,
                   "ALTER COLUMN " + column + " TYPE " + type +
                       (is_postgres ? " USING " + column + "::" + type : ""));
}

// The change that makes nulls allowed or not, as published; "" where there is none to make.
std::string nullability_change(const base::Field& field, const HeldColumn& held) {
  if (held.is_nullable == field.is_nullable) return "";
  return "ALTER COLUMN " + quote_identifier(field.name) + (held.is_nullable ? " SET" : " DROP") +
         " NOT NULL";
}

std::string key_text(const Target& target) {
  std::vector<std::string> columns;
  for (const auto& name : target.key) columns.push_back(quote_identifier(name));
  return "(" + joined(columns, ", ") + ")";
}

bool has_primary_key(const TableShape& shape) {
  return std::any_of(shape.columns.begin(), shape.columns.end(),
                     [](const HeldColumn& held) { return held.is_key; });
}

bool has_right_key(const Target& target, const TableShape& shape) {
  if (target.dialect == Dialect::kDuckDb) return true;
  return std::all_of(shape.columns.begin(), shape.columns.end(), [&](const HeldColumn& held) {
    return held.is_key == is_key(target, held.name);
  });
}

const HeldColumn* find_column(const TableShape& shape, const std::string& name) {
  for (const auto& column : shape.columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::string column_definition(const Target& target, const base::Field& field) {
  return quote_identifier(field.name) + " " + sql_type(field.type, target.dialect) +
         (field.is_nullable ? "" : " NOT NULL");
}

}  // namespace

Result<std::string> qualifier(Connection& connection) {
  if (connection.dialect() == Dialect::kPostgreSql) return std::string("\"public\".");
  // In three parts: a file called main.duckdb would make "main"."orders" ambiguous.
  TRY(const auto rows, query_texts(connection, "SELECT current_database()"));
  return quote_identifier(rows.at(0).at(0)) + ".\"main\".";
}

Result<std::set<std::string>> table_names(Connection& connection) {
  const bool is_duckdb = connection.dialect() == Dialect::kDuckDb;
  TRY(const auto rows,
      query_texts(connection,
                  is_duckdb ? "SELECT table_name FROM duckdb_tables() WHERE database_name ="
                              " current_database() AND schema_name = 'main'"
                            : "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN"
                              " pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE"
                              " n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"));
  std::set<std::string> names;
  for (const auto& row : rows) names.insert(row.at(0));
  return names;
}

namespace {

Result<std::optional<TableShape>> ask_for_shape(Connection& connection, const std::string& query) {
  TRY(const auto rows, query_texts(connection, query));
  if (rows.empty()) return std::optional<TableShape>();
  TableShape shape;
  for (const auto& row : rows) {
    shape.columns.push_back({row.at(0), row.at(1), row.at(2) == "true", row.at(3) == "true"});
    shape.is_table = row.at(4) == "table";
  }
  return std::optional(std::move(shape));
}

}  // namespace

Result<std::optional<TableShape>> read_shape(Connection& connection, const std::string& table) {
  return ask_for_shape(connection, shape_query(connection.dialect(), table));
}

Result<TableShape> read_table_shape(Connection& connection, const std::string& qualifier,
                                    const std::string& table) {
  const bool is_duckdb = connection.dialect() == Dialect::kDuckDb;
  const auto query =
      is_duckdb ? "SELECT name, type, CAST(NOT \"notnull\" AS VARCHAR), 'false', 'table' FROM"
                  " pragma_table_info(" +
                      quote_literal(qualifier + quote_identifier(table)) + ") ORDER BY cid"
                : shape_query(connection.dialect(), table);
  TRY(auto shape, ask_for_shape(connection, query));
  if (!shape) return base::transient("table '" + table + "' is gone from the destination");
  return std::move(*shape);
}

std::string create_table_without_key(const Target& target) {
  std::string text = "CREATE TABLE " + target.name + " (";
  for (const auto& field : target.schema.fields) {
    if (&field != &target.schema.fields.front()) text += ", ";
    text += column_definition(target, field);
  }
  return text + ")";
}

std::string create_table(const Target& target) {
  std::string text = create_table_without_key(target);
  if (target.dialect == Dialect::kPostgreSql) {
    text.back() = ',';
    text += " PRIMARY KEY " + key_text(target) + ")";
  }
  return text;
}

std::string add_primary_key(const Target& target) {
  return "ALTER TABLE " + target.name + " ADD PRIMARY KEY " + key_text(target);
}

namespace {

// What a held column needs; where it cannot be done here, a difference.
void compare_column(const Target& target, const base::Field& field, const HeldColumn& held,
                    std::vector<std::string>* last, Differences* differences) {
  compare_type(target, field, held, differences);
  const std::string change = nullability_change(field, held);
  if (change.empty()) return;
  if (last != nullptr && held.is_nullable) {
    last->push_back("ALTER TABLE " + target.name + " " + change);
    return;
  }
  differences->add(target,
                   "column " + quote_identifier(field.name) +
                       (held.is_nullable ? " may be null" : " may not be null"),
                   change);
}

}  // namespace

Result<ShapeChanges> shape_changes(const Target& target, const TableShape& shape, bool is_adopted) {
  if (!shape.is_table) {
    return base::permanent("not a table in the destination but a view: " + target.name)
        .with_remedy("Rename or drop it");
  }
  ShapeChanges changes;
  Differences differences;
  // DuckDB commits no table that was altered after its rows were written.
  auto* const late = target.dialect == Dialect::kDuckDb ? &changes.first : &changes.last;
  for (const auto& field : target.schema.fields) {
    const HeldColumn* held = find_column(shape, field.name);
    const std::string addition = "ADD COLUMN " + column_definition(target, field);
    if (held != nullptr) {
      compare_column(target, field, *held, is_adopted ? late : nullptr, &differences);
    } else if (!field.is_nullable) {
      differences.add(target, "it lacks the required column " + quote_identifier(field.name),
                      addition);
    } else {
      changes.first.push_back("ALTER TABLE " + target.name + " " + addition);
    }
  }
  for (const auto& held : shape.columns) {
    if (target.schema.index_of(held.name)) continue;
    differences.add(
        target, "it has a column that the published table has not: " + quote_identifier(held.name),
        "DROP COLUMN " + quote_identifier(held.name));
  }
  const std::string key = "ADD PRIMARY KEY " + key_text(target);
  if (!has_right_key(target, shape)) {
    if (is_adopted && !has_primary_key(shape)) {
      changes.last.push_back(add_primary_key(target));
    } else {
      differences.add(target, "its primary key is not " + key_text(target), key);
    }
  }
  TRY(refusal(differences));
  return changes;
}

Status check_names(const Target& target, std::string_view table) {
  constexpr std::size_t kNameBytesMax = 63;
  if (target.dialect == Dialect::kDuckDb) return {};
  std::vector<std::string> names{std::string(table)};
  for (const auto& field : target.schema.fields) names.push_back(field.name);
  for (const auto& name : names) {
    if (name.size() <= kNameBytesMax) continue;
    return base::permanent("name is longer than PostgreSQL keeps (63 bytes): '" + name + "'")
        .with_remedy("Choose a shorter name in the pipeline file");
  }
  return {};
}

}  // namespace ashore::load
