// One small table, read and written in plain SQL that both dialects share.
#include "load/bookkeeping.h"

#include "base/schema.h"
#include "load/small_answer.h"

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
         type(base::TypeKind::kInt64) + ", loaded_at " + type(base::TypeKind::kTimestamp) + ")";
}

base::Result<HeldTables> read_held(warehouse::Connection& connection,
                                   const std::string& qualifier) {
  const std::string text = warehouse::sql_type({base::TypeKind::kString}, connection.dialect());
  TRY(const auto rows,
      query_texts(connection, "SELECT table_name, table_id, CAST(version AS " + text +
                                  "), CAST(row_count AS " + text + ") FROM " + qualifier +
                                  std::string(kBookkeepingTable)));
  HeldTables held;
  for (const auto& row : rows) {
    // The cast made these digits, or null where somebody edited the table.
    const auto number = [](const std::string& digits) {
      return digits.empty() ? std::int64_t{-1} : std::int64_t{std::stoll(digits)};
    };
    held[row.at(0)] = Held{row.at(1), number(row.at(2)), number(row.at(3))};
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
  const std::string rows = text_of(entry.held.rows, dialect);
  const std::string time = "CAST(" + quote_literal(base::format_timestamp(entry.time)) + " AS " +
                           warehouse::sql_type({base::TypeKind::kTimestamp}, dialect) + ")";
  TRY(const auto updated,
      connection.execute("UPDATE " + table + " SET table_id = " + id + ", version = " + version +
                         ", run_id = " + run_id + ", row_count = " + rows +
                         ", loaded_at = " + time + " WHERE table_name = " + name));
  if (updated > 0) return {};
  TRY(connection.execute("INSERT INTO " + table +
                         " (table_name, table_id, version, run_id, row_count, loaded_at) VALUES (" +
                         name + ", " + id + ", " + version + ", " + run_id + ", " + rows + ", " +
                         time + ")"));
  return {};
}

}  // namespace ashore::load
