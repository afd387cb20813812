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

base::Error refusal(const Target& target, const std::string& what, const std::string& alter) {
  return base::permanent("table in the destination differs: " + what)
      .with_remedy("To mend it: ALTER TABLE " + target.name + " " + alter);
}

Status check_column(const Target& target, const base::Field& field, const HeldColumn& held) {
  const std::string column = quote_identifier(field.name);
  const std::string type = sql_type(field.type, target.dialect);
  if (held.type != type) {
    const bool is_postgres = target.dialect == Dialect::kPostgreSql;
    return refusal(target, "column " + column + " is " + held.type + ", not " + type,
                   "ALTER COLUMN " + column + " TYPE " + type +
                       (is_postgres ? " USING " + column + "::" + type : ""));
  }
  if (held.is_nullable == field.is_nullable) return {};
  return refusal(target,
                 "column " + column + (held.is_nullable ? " may be null" : " may not be null"),
                 "ALTER COLUMN " + column + (held.is_nullable ? " SET" : " DROP") + " NOT NULL");
}

Status check_primary_key(const Target& target, const TableShape& shape) {
  if (target.dialect == Dialect::kDuckDb) return {};
  const bool is_same =
      std::all_of(shape.columns.begin(), shape.columns.end(),
                  [&](const HeldColumn& held) { return held.is_key == is_key(target, held.name); });
  if (is_same) return {};
  std::string key;
  for (const auto& name : target.key) key += (key.empty() ? "" : ", ") + quote_identifier(name);
  return refusal(target, "its primary key is not (" + key + ")", "ADD PRIMARY KEY (" + key + ")");
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

Result<std::optional<TableShape>> read_shape(Connection& connection, const std::string& table) {
  TRY(const auto rows, query_texts(connection, shape_query(connection.dialect(), table)));
  if (rows.empty()) return std::optional<TableShape>();
  TableShape shape;
  for (const auto& row : rows) {
    shape.columns.push_back({row.at(0), row.at(1), row.at(2) == "true", row.at(3) == "true"});
    shape.is_table = row.at(4) == "table";
  }
  return std::optional(std::move(shape));
}

std::string create_table(const Target& target) {
  std::string text = "CREATE TABLE " + target.name + " (";
  for (const auto& field : target.schema.fields) {
    if (&field != &target.schema.fields.front()) text += ", ";
    text += column_definition(target, field);
  }
  if (target.dialect == Dialect::kPostgreSql) {
    text += ", PRIMARY KEY (";
    for (const auto& name : target.key) {
      text += (&name == &target.key.front() ? "" : ", ") + quote_identifier(name);
    }
    text += ")";
  }
  return text + ")";
}

Result<std::vector<std::string>> added_columns(const Target& target, const TableShape& shape) {
  if (!shape.is_table) {
    return base::permanent("not a table in the destination but a view: " + target.name)
        .with_remedy("Rename or drop it");
  }
  std::vector<std::string> statements;
  for (const auto& field : target.schema.fields) {
    const HeldColumn* held = find_column(shape, field.name);
    if (held != nullptr) {
      TRY(check_column(target, field, *held));
      continue;
    }
    const std::string addition = "ADD COLUMN " + column_definition(target, field);
    if (!field.is_nullable) {
      return refusal(target, "it lacks the required column " + quote_identifier(field.name),
                     addition);
    }
    statements.push_back("ALTER TABLE " + target.name + " " + addition);
  }
  for (const auto& held : shape.columns) {
    if (target.schema.index_of(held.name)) continue;
    return refusal(
        target, "it has a column that the published table has not: " + quote_identifier(held.name),
        "DROP COLUMN " + quote_identifier(held.name));
  }
  TRY(check_primary_key(target, shape));
  return statements;
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
