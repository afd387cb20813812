// Opens destinations for reading.
// DuckDB files are opened read-only, so that a load that comes meanwhile waits only a moment.
#include "run/destination_access.h"

#include <arrow/table.h>

#include "warehouse/duckdb_instance.h"

namespace ashore::run {

std::shared_ptr<warehouse::DuckDbInstance> shared_duckdb() {
  return std::make_shared<warehouse::DuckDbInstance>();
}

base::Result<std::unique_ptr<warehouse::Connection>> open_for_reading(
    const config::DestinationSpec& destination, const AccessOptions& options) {
  warehouse::ConnectOptions connect;
  connect.driver_folder = options.driver_folder;
  connect.memory_bytes_max = options.memory_bytes;
  connect.threads = options.threads;
  connect.read_only = true;
  connect.instance = options.duckdb;
  if (destination.kind == config::DestinationKind::kPostgreSql) {
    connect.dialect = warehouse::Dialect::kPostgreSql;
    connect.url = destination.url;
  } else {
    connect.dialect = warehouse::Dialect::kDuckDb;
    connect.path = destination.path.starts_with('/') ? destination.path
                                                     : options.data_folder + "/" + destination.path;
  }
  auto connection = warehouse::Connection::open(connect);
  if (!connection.ok() && connection.error().kind() == base::ErrorKind::kNotFound) {
    return base::not_found("nothing is loaded yet: there is no file '" + connect.path + "'")
        .with_remedy("Run 'ashore run' first, or name another destination with --to");
  }
  return connection;
}

base::Result<bool> is_loaded(warehouse::Connection& connection) {
  // Both databases have this view, and it shows tables that the user may not read, too.
  TRY(const auto tables,
      connection.query("SELECT tablename FROM pg_catalog.pg_tables "
                       "WHERE tablename = '_ashore_loads' AND schemaname IN ('main', 'public')"));
  return tables->num_rows() > 0;
}

}  // namespace ashore::run
