// Runs sql checks in an in-memory DuckDB over the rows that audit has read anyway.
#include "audit/sql_session.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <system_error>
#include <utility>

#include "audit/query_guard.h"
#include "columnar/arrow_schema.h"
#include "state/run_folder.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;
using warehouse::quote_identifier;
using warehouse::quote_literal;

constexpr std::int64_t kExampleRowsMax = 3;
// Rows of small files are joined up to so many: an append costs some milliseconds, however few
// rows.
constexpr std::int64_t kPendingRowsMax = 50'000;

// Rows that are appended while others are read take some 120 MB more (bench/MEMORY.md): with less
// memory than this they are appended in turn.
constexpr std::int64_t kBesideMemoryMin = std::int64_t{512} << 20;

std::string type_in_duckdb(base::ColumnType type) {
  return warehouse::sql_type(type, warehouse::Dialect::kDuckDb);
}

// Holds the rows of a table; our names cannot be a table's.
std::string rows_name(const std::string& table) { return "_ashore_rows_" + table; }

// json is text in files, and text is what can be appended.
base::ColumnType stored_type(base::ColumnType type) {
  return type.kind == base::TypeKind::kJson ? base::ColumnType{base::TypeKind::kString} : type;
}

// The rows' table, and a view of it under the table's name with the pipeline's types.
Status make_table(const std::string& table, const base::Schema& schema,
                  warehouse::Connection* connection) {
  std::string columns;
  std::string view;
  for (const auto& field : schema.fields) {
    const auto name = quote_identifier(field.name);
    const bool is_json = field.type.kind == base::TypeKind::kJson;
    columns += (columns.empty() ? "" : ", ") + name + " " + type_in_duckdb(stored_type(field.type));
    view += (view.empty() ? "" : ", ") +
            (is_json ? "CAST(" + name + " AS " + type_in_duckdb(field.type) + ") AS " : "") + name;
  }
  const auto rows = quote_identifier(rows_name(table));
  TRY(connection->execute("CREATE TABLE " + rows + " (" + columns + ")"));
  TRY(connection->execute("CREATE VIEW " + quote_identifier(table) + " AS SELECT " + view +
                          " FROM " + rows));
  return {};
}

bool is_named(const std::vector<QueryNames>& queries, const std::string& table) {
  return std::ranges::any_of(queries,
                             [&](const QueryNames& query) { return query.names.contains(table); });
}

// The columns that the queries may read, in the table's order; never none, so that rows count.
base::Schema columns_read(const std::vector<QueryNames>& queries, const base::Schema& schema) {
  const bool reads_all = std::ranges::any_of(queries, &QueryNames::reads_whole_rows);
  base::Schema read;
  for (const auto& field : schema.fields) {
    if (reads_all || is_named(queries, field.name)) read.fields.push_back(field);
  }
  if (read.fields.empty()) read.fields.push_back(schema.fields.front());
  return read;
}

Status append_joined(warehouse::Connection& connection, const std::string& name,
                     const arrow::Table& rows) {
  // Many small chunks become one, so that DuckDB takes a batch of rows at a time and not of a
  // file's.
  const auto whole = rows.CombineChunks();
  if (!whole.ok()) return columnar::arrow_error(whole.status(), "give rows to a query");
  const auto reader = std::make_shared<arrow::TableBatchReader>(*whole);
  const auto appended = connection.append(name, false, reader);
  return appended.ok() ? Status() : Status(appended.error());
}

// The order matters: after the last statement nothing can be set.
Status lock_configuration(warehouse::Connection* connection) {
  for (const auto* const statement :
       {"SET enable_external_access = false", "SET lock_configuration = true"}) {
    TRY(connection->execute(statement));
  }
  return {};
}

}  // namespace

warehouse::ConnectOptions session_database(const state::RunContext& context) {
  warehouse::ConnectOptions connect;
  connect.driver_folder = context.driver_folder;
  connect.path = ":memory:";
  connect.memory_bytes_max = context.memory_bytes / 2;
  connect.threads = context.threads;
  connect.faults = context.faults;
  return connect;
}

std::string spill_folder(const std::string& run_id) { return state::run_file(run_id, ".spill"); }

Status remove_spilled(io::ObjectStore& store, const std::string& run_id) {
  const auto path = spill_folder(run_id);
  if (store.is_file_system()) return store.remove_folder(path);
  std::error_code ignored;
  std::filesystem::remove_all(store.local_folder(path), ignored);
  return {};
}

Result<SqlSession> SqlSession::open(const CandidateTables& tables,
                                    const std::vector<std::string>& queries, const Options& options,
                                    const state::RunContext& context) {
  TRY(auto connection, options.opened == nullptr
                           ? warehouse::Connection::open(session_database(context))
                           : options.opened->take());
  // Where there is no place to spill to, what does not fit ends the query.
  const auto spill = context.env.store.local_folder(spill_folder(options.run_id));
  TRY(connection->execute("SET temp_directory = " + quote_literal(spill)));
  // Rows that are read once or twice are not worth it.
  TRY(connection->execute("SET force_compression = 'uncompressed'"));
  TRY(lock_configuration(connection.get()));
  std::vector<QueryNames> names;
  for (const auto& query : queries) {
    auto found = names_in(*connection, query);
    if (found.ok()) names.push_back(std::move(found).value());  // else run() says what is wrong
  }
  // Whoever counts calls wants them in one order.
  const bool appends_beside =
      context.threads > 1 && context.faults == nullptr && context.memory_bytes >= kBesideMemoryMin;
  SqlSession session(std::move(connection), appends_beside);
  for (const auto& [name, table] : tables) {
    const auto schema = columns_read(names, table.candidate().schema);
    TRY(make_table(name, schema, session.connection_.get()).within("table '" + name + "'"));
    if (!is_named(names, name)) continue;
    for (const auto& field : schema.fields) session.columns_[name].push_back(field.name);
  }
  return session;
}

const std::vector<std::string>& SqlSession::columns_of(const std::string& table) const {
  static const std::vector<std::string> kNone;
  const auto found = columns_.find(table);
  return found == columns_.end() ? kNone : found->second;
}

Status SqlSession::take(const std::string& table, const arrow::Table& part) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (const auto& name : columns_of(table)) {
    fields.push_back(part.schema()->GetFieldByName(name));
    columns.push_back(part.GetColumnByName(name));
    assert(columns.back() != nullptr);
  }
  auto& pending = pending_[table];
  pending.rows += part.num_rows();
  pending.parts.push_back(
      arrow::Table::Make(arrow::schema(std::move(fields)), std::move(columns), part.num_rows()));
  return pending.rows < kPendingRowsMax ? Status() : append(table);
}

Status SqlSession::finish() {
  for (auto& [table, pending] : pending_) TRY(append(table));
  return await_append();
}

Status SqlSession::await_append() { return appending_.valid() ? appending_.get() : Status(); }

Status SqlSession::append(const std::string& table) {
  auto& pending = pending_[table];
  if (pending.parts.empty()) return {};
  const auto joined = arrow::ConcatenateTables(pending.parts);
  if (!joined.ok()) return columnar::arrow_error(joined.status(), "give rows to a query");
  pending = {};
  TRY(await_append());
  if (!appends_beside_) return append_joined(*connection_, rows_name(table), **joined);
  std::packaged_task<Status()> task(
      [&connection = *connection_, name = rows_name(table), rows = *joined] {
        return append_joined(connection, name, *rows);
      });
  appending_ = task.get_future();
  appender_ = std::jthread(std::move(task));
  return {};
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
