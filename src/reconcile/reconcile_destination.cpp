// Compares a destination: its rows, streamed, and its bookkeeping.
#include <arrow/api.h>
#include <fmt/format.h>

#include <map>

#include "load/load.h"
#include "reconcile/reconcile_places.h"
#include "run/destination_access.h"

namespace ashore::reconcile {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

struct Loaded {
  std::string table_id;
  std::string version;
};

std::string cell(const arrow::RecordBatch& batch, int column, std::int64_t row) {
  const auto& texts = static_cast<const arrow::StringArray&>(*batch.column(column));
  return texts.IsNull(row) ? "" : texts.GetString(row);
}

// A table's name in statements. DuckDB looks in main; a file called main.duckdb would make
// "main"."x" ambiguous.
std::string table_in(warehouse::Dialect dialect, const std::string& name) {
  const bool is_postgres = dialect == warehouse::Dialect::kPostgreSql;
  return (is_postgres ? "\"public\"." : "") + warehouse::quote_identifier(name);
}

Result<std::map<std::string, Loaded>> read_bookkeeping(warehouse::Connection& connection) {
  const auto text = warehouse::sql_type({base::TypeKind::kString}, connection.dialect());
  std::map<std::string, Loaded> loaded;
  TRY(connection.stream(
      "SELECT table_name, table_id, CAST(version AS " + text + ") FROM " +
          table_in(connection.dialect(), "_ashore_loads"),
      [&](const arrow::RecordBatch& batch) -> Status {
        for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
          loaded[cell(batch, 0, row)] = {cell(batch, 1, row), cell(batch, 2, row)};
        }
        return {};
      }));
  return loaded;
}

// What the bookkeeping says of a table that is not so; "" where it is right.
std::string fault_of_bookkeeping(const std::map<std::string, Loaded>& loaded,
                                 const MeasuredTable& table) {
  const auto found = loaded.find(table.shape.name);
  if (found == loaded.end()) return "ashore has not loaded it: see 'ashore load'";
  if (found->second.table_id != table.snapshot.table_id) {
    return "it was loaded from another published table: see 'ashore load --adopt'";
  }
  const auto version = std::to_string(table.snapshot.version);
  if (found->second.version == version) return "";
  return fmt::format("it holds version {}, published is {}: see 'ashore load'",
                     found->second.version, version);
}

// One destination under way.
struct Reading {
  const ReconcileContext& context;
  const std::string& place;
  warehouse::Connection& connection;
  Reconciled* result;
};

// Whether a table could be compared; one that is not there or has another shape is a finding.
Result<bool> compare_table(const Reading& reading, const MeasuredTable& table) {
  warehouse::DatabaseRows rows(reading.connection,
                               table_in(reading.connection.dialect(), table.shape.name),
                               table.shape, reading.context.run.stop);
  auto differs = compare_rows(reading.context, table, reading.place, rows, reading.result);
  if (differs.ok() || differs.error().kind() != ErrorKind::kPermanent) return differs;
  reading.result->findings.push_back({reading.place, table.shape.name, "", "", "",
                                      "it cannot be read: " + differs.error().what()});
  return true;
}

Result<bool> compare_tables(const Reading& reading, const std::vector<MeasuredTable>& tables) {
  auto loaded = read_bookkeeping(reading.connection);
  if (!loaded.ok() && loaded.error().kind() != ErrorKind::kPermanent) return loaded.error();
  bool differs = false;
  for (const auto& table : tables) {
    const auto fault = loaded.ok() ? fault_of_bookkeeping(loaded.value(), table)
                                   : "ashore has loaded nothing here: see 'ashore load'";
    if (!fault.empty()) {
      reading.result->findings.push_back({reading.place, table.shape.name, "", "", "", fault});
    }
    TRY(const bool has_other_rows, compare_table(reading, table));
    differs |= has_other_rows || !fault.empty();
  }
  return differs;
}

run::AccessOptions access_of(const ReconcileContext& context) {
  return {.data_folder = context.options.load.data_folder,
          .driver_folder = context.run.driver_folder,
          .memory_bytes = context.run.memory_bytes / 2,
          .threads = context.run.threads};
}

}  // namespace

Result<bool> compare_destination(const ReconcileContext& context,
                                 const std::vector<MeasuredTable>& tables,
                                 const config::DestinationSpec& destination, Reconciled* result) {
  const auto place = load::destination_name(destination);
  const auto give_up = [&](const base::Error& error) -> Result<bool> {
    if (error.kind() == ErrorKind::kInterrupted) return error;
    result->not_compared.push_back({place, error.message(), error.kind()});
    return true;
  };
  auto connection = run::open_for_reading(destination, access_of(context));
  if (!connection.ok()) return give_up(connection.error());
  auto differs = compare_tables({context, place, *connection.value(), result}, tables);
  return differs.ok() ? differs : give_up(differs.error());
}

}  // namespace ashore::reconcile
