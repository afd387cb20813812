// Opens sessions.
// Says to each driver what a session of ours is: UTC, our schema, no network,
// bounded memory.
#include "warehouse/connection.h"

#include <dlfcn.h>

#include <algorithm>
#include <utility>

#include "warehouse/adbc_session.h"
#include "warehouse/postgres_url.h"

namespace ashore::warehouse {

namespace {

using base::Result;

// With less, DuckDB cannot write a database of a table of some dozen columns: its blocks, one a
// column and more, do not fit.
constexpr std::int64_t kDuckDbBytesMin = std::int64_t{64} << 20;

// DuckDB wants some 125 MB per thread (its guide on tuning workloads): with less, operators that
// could spill fail.
int duckdb_threads(const ConnectOptions& options) {
  constexpr std::int64_t kBytesPerThread = std::int64_t{125} << 20;
  const auto fitting = std::max<std::int64_t>(options.memory_bytes_max / kBytesPerThread, 1);
  return static_cast<int>(std::min<std::int64_t>(options.threads, fitting));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__SANITIZE_UNDEFINED__)
#define ASHORE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ASHORE_SANITIZED 1
#endif
#endif

// The driver manager would bind every function of the library when it opens it, which takes three
// times as long as binding those that are called; and the library's 40,000 references to itself
// are found at once where they are looked for in it first, and not in all of this program's
// libraries (sanitizers forbid that). It stays open: its threads may outlive a session.
#ifdef ASHORE_SANITIZED
constexpr int kBinding = RTLD_LAZY | RTLD_LOCAL;
#else
constexpr int kBinding = RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

Result<AdbcSession::Driver> duckdb_driver(const ConnectOptions& options) {
  const auto path = options.driver_folder + "/libduckdb.so";
  void* const library = ::dlopen(path.c_str(), kBinding);
  void* const init = library == nullptr ? nullptr : ::dlsym(library, "duckdb_adbc_init");
  if (init == nullptr) return missing_driver(::dlerror());
  return AdbcSession::Driver{
      .dialect = Dialect::kDuckDb,
      .init = reinterpret_cast<AdbcDriverInitFunc>(init),
      .options = {{"path", options.path},
                  {"access_mode", options.read_only ? "READ_ONLY" : "AUTOMATIC"},
                  // What is needed is built in; nothing may be fetched from
                  // the network.
                  {"autoload_known_extensions", "false"},
                  {"autoinstall_known_extensions", "false"},
                  {"memory_limit",
                   std::to_string(std::max(options.memory_bytes_max, kDuckDbBytesMin)) + "B"},
                  {"threads", std::to_string(duckdb_threads(options))}},
      .url = {},
      .faults = options.faults};
}

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
    TRY(auto driver, duckdb_driver(options));
    TRY(auto connection, AdbcSession::open(std::move(driver)));
    TRY(connection->execute("SET TimeZone = 'UTC'"));
    return connection;
  }
  TRY(check_postgres_url(options.url));
  TRY(auto connection, AdbcSession::open(postgres_driver(options)));
  TRY(connection->query(kPostgresSession));
  return connection;
}

}  // namespace ashore::warehouse
