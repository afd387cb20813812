// DuckDB files are opened read-only, so that a load that comes meanwhile waits only a moment.
#include "pipeline/destination_access.h"

namespace ashore::pipeline {

base::Result<std::unique_ptr<warehouse::Connection>> open_for_reading(
    const spec::DestinationSpec& destination, const AccessOptions& options) {
  warehouse::ConnectOptions connect;
  connect.driver_folder = options.driver_folder;
  connect.memory_bytes_max = options.memory_bytes;
  connect.threads = options.threads;
  connect.read_only = true;
  if (destination.kind == spec::DestinationKind::kPostgreSql) {
    connect.dialect = warehouse::Dialect::kPostgreSql;
    connect.url = destination.url;
  } else {
    connect.dialect = warehouse::Dialect::kDuckDb;
    connect.path = destination.path.starts_with('/') ? destination.path
                                                     : options.data_folder + "/" + destination.path;
  }
  return warehouse::Connection::open(connect);
}

}  // namespace ashore::pipeline
