// Opens sessions.
// Says to PostgreSQL what a session of ours is: UTC, our schema.
#include "warehouse/connection.h"

#include <utility>

#include "warehouse/adbc_session.h"
#include "warehouse/duckdb_instance.h"
#include "warehouse/postgres_url.h"

namespace ashore::warehouse {

namespace {

using base::Result;

AdbcSession::Driver postgres_driver(const ConnectOptions& options) {
  const base::Secret url = with_session_defaults(options.url);
  return {.dialect = Dialect::kPostgreSql,
          .init = nullptr,
          .options = {{"driver", options.driver_folder + "/libadbc_driver_postgresql.so"},
                      {"uri", url.reveal()}},
          .url = url,
          .faults = options.faults};
}

// set_config() instead of SET: one round trip. Notices would go to stderr,
// which is cli's.
constexpr std::string_view kPostgresSession =
    "SELECT set_config('TimeZone', 'UTC', false), set_config('search_path', "
    "'public', false),"
    " set_config('standard_conforming_strings', 'on', false),"
    " set_config('client_min_messages', 'error', false)";

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const ConnectOptions& options) {
  if (options.dialect == Dialect::kDuckDb) {
    if (options.instance != nullptr && DuckDbInstance::can_attach(options.path)) {
      return options.instance->attach(options);
    }
    TRY(auto session, open_duckdb(options));
    return std::unique_ptr<Connection>(std::move(session));
  }
  TRY(check_postgres_url(options.url));
  TRY(auto session, AdbcSession::open(postgres_driver(options)));
  TRY(session->query(kPostgresSession));
  return std::unique_ptr<Connection>(std::move(session));
}

}  // namespace ashore::warehouse
