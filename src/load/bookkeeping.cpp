// Reads and writes the bookkeeping table in SQL that both dialects share.
#include "load/bookkeeping.h"

#include <algorithm>

#include "base/schema.h"
#include "load/small_answer.h"
#include "load/table_shape.h"

namespace ashore::load {

namespace {

using warehouse::Dialect;
using warehouse::quote_literal;

std::string text_of(std::int64_t number, Dialect dialect) {
  return "CAST(" + quote_literal(std::to_string(number)) + " AS " +
         warehouse::sql_type({base::TypeKind::kInt64}, dialect) + ")";
}

}  // namespace

std::string create_bookkeeping(Dialect dialect, const std::string& qualifier) {
  const auto type = [dialect](base::TypeKind kind) { return warehouse::sql_type({kind}, dialect); };
  const std::string text = type(base::TypeKind::kString);
  const bool is_postgres = dialect == Dialect::kPostgreSql;
  return "CREATE TABLE " + qualifier + std::string(kBookkeepingTable) + " (table_name " + text +
         (is_postgres ? " PRIMARY KEY" : " NOT NULL") + ", table_id " + text + ", version " +
         type(base::TypeKind::kInt64) + ", run_id " + text + ", row_count " +
         type(base::TypeKind::kInt64) + ", loaded_at " + type(base::TypeKind::kTimestamp) +
         ", log_sha256 " + text + ")";
}

namespace {

base::Result<bool> has_digests(warehouse::Connection& connection, const std::string& qualifier) {
  TRY(const auto shape, read_table_shape(connection, qualifier, std::string(kBookkeepingTable)));
  return std::ranges::find(shape.columns, "log_sha256", &HeldColumn::name) != shape.columns.end();
}

}  // namespace

base::Status bring_up_to_date(warehouse::Connection& connection, const std::string& qualifier) {
  TRY(const bool is_new, has_digests(connection, qualifier));
  if (is_new) return {};
  TRY(connection.execute("ALTER TABLE " + qualifier + std::string(kBookkeepingTable) +
                         " ADD COLUMN log_sha256 " +
                         warehouse::sql_type({base::TypeKind::kString}, connection.dialect())));
  return {};
}

base::Result<HeldTables> read_held(warehouse::Connection& connection,
                                   const std::string& qualifier) {
  const std::string text = warehouse::sql_type({base::TypeKind::kString}, connection.dialect());
  TRY(const bool is_new, has_digests(connection, qualifier));
  TRY(const auto rows, query_texts(connection, "SELECT table_name, table_id, CAST(version AS " +
                                                   text + "), CAST(row_count AS " + text + "), " +
                                                   (is_new ? "log_sha256" : "''") + " FROM " +
                                                   qualifier + std::string(kBookkeepingTable)));
  HeldTables held;
  for (const auto& row : rows) {
    // The cast made these digits, or null where somebody edited the table.
    const auto number = [](const std::string& digits) {
      return digits.empty() ? std::int64_t{-1} : std::int64_t{std::stoll(digits)};
    };
    held[row.at(0)] = Held{row.at(1), number(row.at(2)), number(row.at(3)), row.at(4)};
  }
  return held;
}

base::Status write_held(warehouse::Connection& connection, const std::string& qualifier,
                        const HeldEntry& entry) {
  const Dialect dialect = connection.dialect();
  const std::string table = qualifier + std::string(kBookkeepingTable);
  const std::string name = quote_literal(entry.table);
  const std::string id = quote_literal(entry.held.table_id);
  const std::string version = text_of(entry.held.version, dialect);
  const std::string run_id = quote_literal(entry.run_id);
  const std::string digest =
      entry.held.log_sha256.empty() ? "NULL" : quote_literal(entry.held.log_sha256);
  const std::string rows = text_of(entry.held.rows, dialect);
  const std::string time = "CAST(" + quote_literal(base::format_timestamp(entry.time)) + " AS " +
                           warehouse::sql_type({base::TypeKind::kTimestamp}, dialect) + ")";
  TRY(const auto updated,
      connection.execute("UPDATE " + table + " SET table_id = " + id + ", version = " + version +
                         ", run_id = " + run_id + ", row_count = " + rows + ", loaded_at = " +
                         time + ", log_sha256 = " + digest + " WHERE table_name = " + name));
  if (updated > 0) return {};
  TRY(connection.execute("INSERT INTO " + table +
                         " (table_name, table_id, version, run_id, row_count, loaded_at, "
                         "log_sha256) VALUES (" +
                         name + ", " + id + ", " + version + ", " + run_id + ", " + rows + ", " +
                         time + ", " + digest + ")"));
  return {};
}

}  // namespace ashore::load
