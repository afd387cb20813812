// Opens DuckDB, and attaches files to an instance in memory.
// Says to it what a session of ours is: UTC, no network, bounded memory.
#include "warehouse/duckdb_instance.h"

#include <dlfcn.h>
#include <strings.h>  // strcasecmp

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace ashore::warehouse {

namespace {

using base::Result;
using base::Status;

// With less, DuckDB cannot write a database of a table of some dozen columns: its blocks, one a
// column and more, do not fit.
constexpr std::int64_t kDuckDbBytesMin = std::int64_t{64} << 20;

std::string memory_text(const ConnectOptions& options) {
  return std::to_string(std::max(options.memory_bytes_max, kDuckDbBytesMin)) + "B";
}

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

Result<AdbcSession::Driver> driver_of(const ConnectOptions& options) {
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
                  {"memory_limit", memory_text(options)},
                  {"threads", std::to_string(duckdb_threads(options))}},
      .url = {},
      .faults = options.faults};
}

ConnectOptions in_memory(ConnectOptions options) {
  options.path = ":memory:";
  options.read_only = false;
  return options;
}

}  // namespace

Result<std::unique_ptr<AdbcSession>> open_duckdb(const ConnectOptions& options) {
  TRY(auto driver, driver_of(options));
  TRY(auto session, AdbcSession::open(std::move(driver)));
  TRY(session->execute("SET TimeZone = 'UTC'"));
  return session;
}

bool DuckDbInstance::can_attach(const std::string& path) {
  // DuckDB calls a file's database by the file's name, and these by its own, whatever the case.
  const auto is_its_own = [](const std::string& name) {
    return ::strcasecmp(name.c_str(), "memory") == 0 || ::strcasecmp(name.c_str(), "system") == 0 ||
           ::strcasecmp(name.c_str(), "temp") == 0;
  };
  const auto name = std::filesystem::path(path).filename().string();
  return path.starts_with('/') && !is_its_own(name.substr(0, name.find('.')));
}

void DuckDbInstance::open_ahead(const ConnectOptions& options) {
  if (opening_.valid() || first_ != nullptr) return;
  std::packaged_task<Result<std::unique_ptr<AdbcSession>>()> task(
      [options = in_memory(options)] { return open_duckdb(options); });
  opening_ = task.get_future();
  opener_ = std::jthread(std::move(task));
}

Status DuckDbInstance::open(const ConnectOptions& options) {
  if (first_ != nullptr) return {};
  TRY(first_, opening_.valid() ? opening_.get() : open_duckdb(in_memory(options)));
  return {};
}

Status DuckDbInstance::configure(const ConnectOptions& options, AdbcSession& session) {
  TRY(session.execute("SET memory_limit = '" + memory_text(options) + "'"));
  TRY(session.execute("SET threads = " + std::to_string(duckdb_threads(options))));
  // Where an instance of the file itself would spill. One that was used cannot be given up.
  auto spill_folder = options.path + ".tmp";
  if (spill_folder == spill_folder_) return {};
  TRY(session.execute("SET temp_directory = " + quote_literal(spill_folder)));
  spill_folder_ = std::move(spill_folder);
  return {};
}

Result<std::unique_ptr<Connection>> DuckDbInstance::attach(const ConnectOptions& options) {
  TRY(open(options));
  TRY(auto session, first_->another());
  TRY(session->execute("SET TimeZone = 'UTC'"));
  TRY(configure(options, *session));
  TRY(session->attach(options.path, options.read_only));
  return std::unique_ptr<Connection>(std::move(session));
}

}  // namespace ashore::warehouse
