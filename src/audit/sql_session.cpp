// Makes the views, then locks the door.
#include "audit/sql_session.h"

#include <arrow/api.h>

#include <array>
#include <utility>

#include "audit/query_guard.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;
using warehouse::quote_identifier;
using warehouse::quote_literal;

constexpr std::int64_t kExampleRowsMax = 3;

std::string type_in_duckdb(base::ColumnType type) {
  return warehouse::sql_type(type, warehouse::Dialect::kDuckDb);
}

// DuckDB takes paths as patterns; in brackets a character stands for itself.
std::string as_pattern(const std::string& path) {
  std::string pattern;
  for (const char character : path) {
    const bool is_special = character == '*' || character == '?' || character == '[';
    pattern += is_special ? std::string{'[', character, ']'} : std::string(1, character);
  }
  return pattern;
}

bool is_partition_column(const delta::TableCandidate& table, const std::string& name) {
  return std::ranges::find(table.partition_columns, name) != table.partition_columns.end();
}

// The values that folders' names hold, by file; our names cannot be a table's.
std::string values_table(const std::string& table) {
  return quote_identifier("_ashore_files_" + table);
}

const std::optional<std::string>* value_of(const delta::AddFile& file, const std::string& column) {
  for (const auto& [name, value] : file.partition_values) {
    if (name == column) return &value;
  }
  return nullptr;
}

std::string make_values_table(const CandidateTable& table, io::ObjectStore& store) {
  std::string sql =
      "CREATE TABLE " + values_table(table.candidate().table) + " AS SELECT * FROM (VALUES ";
  bool is_first = true;
  for (const auto& file : table.files()) {
    sql += (is_first ? "(" : ", (") + quote_literal(store.location_of(file.path));
    for (const auto& column : table.candidate().partition_columns) {
      const auto* const value = value_of(file.file, column);
      sql += ", " + (value != nullptr && *value ? quote_literal(**value) : "NULL::VARCHAR");
    }
    sql += ")";
    is_first = false;
  }
  sql += ") AS folders(\"_ashore_file\"";
  for (const auto& column : table.candidate().partition_columns) {
    sql += ", " + quote_identifier(column);
  }
  return sql + ")";
}

// Columns of the pipeline's types: json is text in files, and partition columns are not in them.
std::string column_list(const delta::TableCandidate& table, bool has_files) {
  std::string list;
  for (const auto& field : table.schema.fields) {
    const auto name = quote_identifier(field.name);
    const auto type = type_in_duckdb(field.type);
    const bool is_stored = !is_partition_column(table, field.name);
    const bool keeps_type = is_stored && field.type.kind != base::TypeKind::kJson;
    const std::string value = !has_files ? "NULL" : (is_stored ? "stored." : "folders.") + name;
    list += (list.empty() ? "" : ", ") +
            (has_files && keeps_type ? value : "CAST(" + value + " AS " + type + ")") + " AS " +
            name;
  }
  return list;
}

std::string file_list(const CandidateTable& table, io::ObjectStore& store,
                      std::string (*written)(const std::string&)) {
  std::string list = "[";
  for (const auto& file : table.files()) {
    list += (list.size() == 1 ? "" : ", ") + quote_literal(written(store.location_of(file.path)));
  }
  return list + "]";
}

Status make_view(const CandidateTable& table, io::ObjectStore& store,
                 warehouse::Connection* connection) {
  const auto& candidate = table.candidate();
  const bool has_files = !table.files().empty();
  auto sql = "CREATE VIEW " + quote_identifier(candidate.table) + " AS SELECT " +
             column_list(candidate, has_files);
  if (!has_files) {
    TRY(connection->execute(sql + " WHERE false"));
    return {};
  }
  sql += " FROM read_parquet(" + file_list(table, store, as_pattern) +
         ", hive_partitioning = false, filename = '_ashore_file') AS stored";
  if (!candidate.partition_columns.empty()) {
    TRY(connection->execute(make_values_table(table, store)));
    sql += " JOIN " + values_table(candidate.table) + " AS folders USING (\"_ashore_file\")";
  }
  TRY(connection->execute(sql));
  return {};
}

std::string unchanged(const std::string& path) { return path; }

// The order matters: after the last statement nothing can be set.
Status lock_configuration(const CandidateTables& tables, const Options& options,
                          io::ObjectStore& store, warehouse::Connection* connection) {
  const auto spill = store.location_of(spill_folder(options.run_id));
  TRY(connection->execute("SET temp_directory = " + quote_literal(spill)));
  std::string paths;
  for (const auto& [name, table] : tables) {
    for (auto* const written : {unchanged, as_pattern}) {
      const auto list = file_list(table, store, written);
      if (table.files().empty()) continue;
      paths += (paths.empty() ? "" : ", ") + list.substr(1, list.size() - 2);
    }
  }
  TRY(connection->execute("SET allowed_paths = [" + paths + "]"));
  // Files do not change under a query, so their footers are read once for all of them.
  for (const auto* const statement :
       {"SET parquet_metadata_cache = true", "SET enable_external_access = false",
        "SET lock_configuration = true"}) {
    TRY(connection->execute(statement));
  }
  return {};
}

}  // namespace

std::string spill_folder(const std::string& run_id) { return state::run_file(run_id, ".spill"); }

Result<SqlSession> SqlSession::open(const CandidateTables& tables, const Options& options,
                                    io::ObjectStore& store) {
  if (!store.location().starts_with('/')) {
    return base::permanent("sql checks need a data folder on a disk: " + store.location())
        .with_remedy("Use other checks, or a --data-dir on a disk.");
  }
  warehouse::ConnectOptions connect;
  connect.driver_folder = options.driver_folder;
  connect.path = ":memory:";
  connect.memory_bytes_max = options.memory_bytes / 2;
  connect.threads = options.threads;
  connect.faults = options.faults;
  TRY(auto connection, warehouse::Connection::open(connect));
  for (const auto& [name, table] : tables) {
    TRY(make_view(table, store, connection.get()).within("view of table '" + name + "'"));
  }
  TRY(lock_configuration(tables, options, store, connection.get()));
  return SqlSession(std::move(connection));
}

Result<SqlFinding> SqlSession::run(const std::string& query, const std::stop_token& stop) {
  TRY(check_query(*connection_, query));
  SqlFinding finding;
  // DuckDB's query() takes exactly one SELECT, so that nothing else can be hidden in the text.
  TRY(connection_->stream(
      "SELECT * FROM query(" + quote_literal(query) + ")",
      [&](const arrow::RecordBatch& batch) -> Status {
        if (stop.stop_requested()) {
          return base::Error(base::ErrorKind::kInterrupted, "interrupted in a check's query");
        }
        if (finding.rows < kExampleRowsMax && batch.num_rows() > 0) {
          const auto rows = arrow::Table::Make(batch.schema(), batch.columns());
          const auto wanted = std::min(kExampleRowsMax - finding.rows, batch.num_rows());
          for (std::int64_t row = 0; row < wanted; ++row) {
            finding.examples += (finding.examples.empty() ? "" : "; ") + row_text(*rows, row);
          }
        }
        finding.rows += batch.num_rows();
        return {};
      }));
  return finding;
}

}  // namespace ashore::audit
