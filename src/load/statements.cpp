// Writes the SQL of a load.
// Names are quoted; no value is ever part of these texts. A row equal to its staged row is never
// written: that is what keeps reloads free of dead tuples and write-ahead log.
#include "load/statements.h"

#include <algorithm>

namespace ashore::load {

namespace {

using warehouse::Dialect;
using warehouse::quote_identifier;

base::ColumnType staged_type(base::ColumnType type) {
  // PostgreSQL's json has no equality; texts have.
  if (type.kind == base::TypeKind::kJson) return {base::TypeKind::kString};
  return type;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

std::string same_key(const Target& target, const std::string& left, const std::string& right) {
  std::vector<std::string> parts;
  for (const auto& name : target.key) {
    const std::string column = quote_identifier(name);
    parts.push_back(left + "." + column + " = " + right + "." + column);
  }
  return joined(parts, " AND ");
}

bool is_key(const Target& target, const std::string& name) {
  return std::find(target.key.begin(), target.key.end(), name) != target.key.end();
}

std::string cast(const std::string& value, base::ColumnType type, Dialect dialect) {
  return "CAST(" + value + " AS " + warehouse::sql_type(type, dialect) + ")";
}

// A staged column as the target holds it.
std::string staged_value(const Target& target, const base::Field& field) {
  const std::string value = "s." + quote_identifier(field.name);
  const bool is_json = field.type.kind == base::TypeKind::kJson;
  return is_json ? cast(value, field.type, target.dialect) : value;
}

std::string differs(const Target& target, const base::Field& field) {
  const std::string column = quote_identifier(field.name);
  const bool is_json = field.type.kind == base::TypeKind::kJson;
  const std::string held =
      is_json ? cast("t." + column, staged_type(field.type), target.dialect) : "t." + column;
  return held + " IS DISTINCT FROM s." + column;
}

std::string insert_from_stage(const Target& target) {
  std::vector<std::string> columns;
  std::vector<std::string> values;
  for (const auto& field : target.schema.fields) {
    columns.push_back(quote_identifier(field.name));
    values.push_back(staged_value(target, field));
  }
  return "INSERT INTO " + target.name + " (" + joined(columns, ", ") + ") SELECT " +
         joined(values, ", ") + " FROM " + std::string(kStage) + " AS s";
}

// "a.x = b.x ..." where any column of the target differs; "" where all columns are key.
std::string any_differs(const Target& target) {
  std::vector<std::string> differences;
  for (const auto& field : target.schema.fields) {
    if (!is_key(target, field.name)) differences.push_back(differs(target, field));
  }
  return joined(differences, " OR ");
}

// The key's columns as texts, and how a sample of them ends.
std::string key_texts(const Target& target, const std::string& row) {
  std::vector<std::string> texts;
  for (const auto& name : target.key) {
    texts.push_back(
        "coalesce(" +
        cast(row + "." + quote_identifier(name), {base::TypeKind::kString}, target.dialect) +
        ", 'NULL')");
  }
  return joined(texts, ", ");
}

std::string sample_end(const Target& target) {
  constexpr std::string_view kSampleRows = "5";
  std::vector<std::string> places;
  for (std::size_t place = 1; place <= target.key.size(); ++place) {
    places.push_back(std::to_string(place));
  }
  return " ORDER BY " + joined(places, ", ") + " LIMIT " + std::string(kSampleRows);
}

std::string repeated_keys(const Target& target) {
  std::vector<std::string> columns;
  for (const auto& name : target.key) columns.push_back(quote_identifier(name));
  const std::string key = joined(columns, ", ");
  return "SELECT " + key + " FROM " + target.name + " GROUP BY " + key + " HAVING count(*) > 1";
}

std::string missing(const Target& target) {
  return " WHERE NOT EXISTS (SELECT 1 FROM " + target.name + " AS t WHERE " +
         same_key(target, "t", "s") + ")";
}

std::string absent(const Target& target, std::string_view condition) {
  std::string text = "NOT EXISTS (SELECT 1 FROM " + std::string(kStage) + " AS s WHERE " +
                     same_key(target, "s", "t") + ")";
  if (!condition.empty()) text += " AND (" + std::string(condition) + ")";
  return text;
}

}  // namespace

std::string create_temporary(const Target& target, std::string_view name,
                             const std::vector<std::string>& columns) {
  std::vector<std::string> parts;
  for (const auto& column : columns) {
    const auto& field = target.schema.fields[*target.schema.index_of(column)];
    parts.push_back(quote_identifier(column) + " " +
                    warehouse::sql_type(staged_type(field.type), target.dialect));
  }
  const bool is_postgres = target.dialect == Dialect::kPostgreSql;
  return "CREATE TEMP TABLE " + std::string(name) + " (" + joined(parts, ", ") + ")" +
         (is_postgres ? " ON COMMIT DROP" : "");
}

std::string drop_temporary(std::string_view name) { return "DROP TABLE " + std::string(name); }

std::string count_repeated_keys(const Target& target, std::string_view table) {
  std::vector<std::string> columns;
  for (const auto& name : target.key) columns.push_back(quote_identifier(name));
  return "SELECT count(*) FROM (SELECT 1 AS one FROM " + std::string(table) + " GROUP BY " +
         joined(columns, ", ") + " HAVING count(*) > 1) AS repeated";
}

std::string count_staged_rows(const Target& target) {
  return "SELECT count(*) FROM " + target.name + " AS t WHERE EXISTS (SELECT 1 FROM " +
         std::string(kStage) + " AS s WHERE " + same_key(target, "s", "t") + ")";
}

std::string insert_all(const Target& target) { return insert_from_stage(target); }

std::string insert_missing(const Target& target) {
  return insert_from_stage(target) + missing(target);
}

std::string update_changed(const Target& target) {
  std::vector<std::string> assignments;
  for (const auto& field : target.schema.fields) {
    if (is_key(target, field.name)) continue;
    assignments.push_back(quote_identifier(field.name) + " = " + staged_value(target, field));
  }
  if (assignments.empty()) return "";
  return "UPDATE " + target.name + " AS t SET " + joined(assignments, ", ") + " FROM " +
         std::string(kStage) + " AS s WHERE " + same_key(target, "t", "s") + " AND (" +
         any_differs(target) + ")";
}

std::string sample_missing(const Target& target) {
  return "SELECT " + key_texts(target, "s") + " FROM " + std::string(kStage) + " AS s" +
         missing(target) + sample_end(target);
}

std::string sample_changed(const Target& target) {
  const std::string differences = any_differs(target);
  if (differences.empty()) return "";
  return "SELECT " + key_texts(target, "t") + " FROM " + target.name + " AS t, " +
         std::string(kStage) + " AS s WHERE " + same_key(target, "s", "t") + " AND (" +
         differences + ")" + sample_end(target);
}

std::string sample_absent(const Target& target) {
  return "SELECT " + key_texts(target, "t") + " FROM " + target.name + " AS t WHERE " +
         absent(target, "") + sample_end(target);
}

std::string sample_repeated(const Target& target) {
  return "SELECT " + key_texts(target, "r") + " FROM (" + repeated_keys(target) + ") AS r" +
         sample_end(target);
}

std::string delete_repeated(const Target& target) {
  return "DELETE FROM " + target.name + " AS t WHERE EXISTS (SELECT 1 FROM (" +
         repeated_keys(target) + ") AS r WHERE " + same_key(target, "r", "t") + ")";
}

std::string delete_listed(const Target& target) {
  return "DELETE FROM " + target.name + " AS t WHERE EXISTS (SELECT 1 FROM " + std::string(kGone) +
         " AS g WHERE " + same_key(target, "g", "t") + ")";
}

std::string count_absent(const Target& target, std::string_view condition) {
  return "SELECT count(*) FROM " + target.name + " AS t WHERE " + absent(target, condition);
}

std::string delete_absent(const Target& target, std::string_view condition, bool is_kept_staged) {
  std::string text = "DELETE FROM " + target.name + " AS t WHERE " + absent(target, condition);
  if (is_kept_staged) {
    text += " AND NOT EXISTS (SELECT 1 FROM " + std::string(kKept) + " AS k WHERE " +
            same_key(target, "k", "t") + ")";
  }
  return text;
}

}  // namespace ashore::load
