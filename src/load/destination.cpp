// Loads one destination in one session, with a transaction only for real work.
#include "load/destination.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/digest.h"
#include "load/bookkeeping.h"
#include "load/load.h"
#include "load/small_answer.h"
#include "load/table_load.h"
#include "load/table_shape.h"
#include "warehouse/connection.h"

namespace ashore::load {

namespace {

using base::Result;
using base::Status;
using warehouse::Connection;
using warehouse::Dialect;

base::Error interrupted() { return base::Error(base::ErrorKind::kInterrupted, "load was stopped"); }

std::string duckdb_path(const Options& options, const std::string& path) {
  const bool is_as_given = path.empty() || path.front() == '/' || path == ":memory:";
  return is_as_given ? path : options.data_folder + "/" + path;
}

// An instance attaches one file at a time.
warehouse::DuckDbInstance* instance_for(const Options& options) {
  const auto files = std::ranges::count(options.destinations, config::DestinationKind::kDuckDb,
                                        &config::DestinationSpec::kind);
  return files == 1 ? options.duckdb : nullptr;
}

// A DuckDB file that another process holds is waited for; all else fails at once.
Result<std::unique_ptr<Connection>> connect(const LoadContext& context,
                                            const config::DestinationSpec& destination) {
  constexpr std::chrono::milliseconds kPause{200};
  const auto options = connect_options(context.options, context.run, destination);
  const auto until = context.run.env.clock.steady_now() + context.options.busy_wait;
  while (true) {
    auto connection = Connection::open(options);
    if (connection.ok() || !warehouse::is_file_held(connection.error())) return connection;
    if (context.run.env.clock.steady_now() + kPause > until) return connection;
    if (!context.run.env.clock.sleep(kPause, context.run.stop)) return interrupted();
  }
}

struct HeldState {
  bool has_bookkeeping = false;
  HeldTables held;
  std::set<std::string> tables;  // that exist
  // Tables whose recorded version is none of the published table's history, and why.
  std::map<std::string, std::string> other_histories;
};

// Why the log entry of the recorded version is not the one that was loaded, or "". A data folder
// that was restored from a backup and then run again reaches the same versions with other rows.
Result<std::string> other_history(io::ObjectStore& store, const PublishedTable& table,
                                  const Held& held) {
  if (held.table_id != table.snapshot->table_id || held.version < 0) return std::string();
  const std::string version = "version " + std::to_string(held.version);
  if (held.version > table.snapshot->version) {
    return version + " is recorded, " + std::to_string(table.snapshot->version) + " is published";
  }
  if (held.log_sha256.empty()) {
    return "which " + version + " was loaded was not recorded by the release that did it";
  }
  if (held.version == table.snapshot->version) {
    return held.log_sha256 == table.log_sha256 ? std::string()
                                               : version + " is published with another log entry";
  }
  const auto entry = store.read(delta::log_path(table.folder, held.version));
  if (!entry.ok() && entry.error().kind() != base::ErrorKind::kNotFound) return entry.error();
  if (!entry.ok()) return "the log entry of " + version + " is gone";
  if (base::to_hex(base::sha256(entry.value())) == held.log_sha256) return std::string();
  return version + " of the log is another one";
}

Result<HeldState> read_state(const LoadContext& context, Connection& connection,
                             const std::string& qualifier) {
  HeldState state;
  TRY(state.tables, table_names(connection));
  state.has_bookkeeping = state.tables.count(std::string(kBookkeepingTable)) > 0;
  if (state.has_bookkeeping) {
    TRY(state.held, read_held(connection, qualifier));
  }
  for (const auto& table : context.tables) {
    const auto held = state.held.find(table.spec->name);
    if (held == state.held.end()) continue;
    TRY(auto why, other_history(context.run.env.store, table, held->second));
    if (!why.empty()) state.other_histories.emplace(table.spec->name, std::move(why));
  }
  return state;
}

bool is_current(const HeldState& state, const PublishedTable& table) {
  const auto held = state.held.find(table.spec->name);
  return held != state.held.end() && state.tables.count(table.spec->name) > 0 &&
         held->second.table_id == table.snapshot->table_id &&
         held->second.version == table.snapshot->version &&
         !state.other_histories.contains(table.spec->name);
}

// Nothing to compare: what is held is what is published.
std::optional<DestinationOutcome> nothing_to_do(const LoadContext& context,
                                                const HeldState& state) {
  if (context.options.full || context.options.range) return std::nullopt;
  DestinationOutcome outcome;
  for (const auto& table : context.tables) {
    if (!is_current(state, table)) return std::nullopt;
    state::DestinationTableCounts counts;
    counts.table = table.spec->name;
    counts.unchanged = table.snapshot->rows;
    counts.version = table.snapshot->version;
    outcome.tables.push_back(std::move(counts));
  }
  return outcome;
}

// Tries until it is taken, says so once after a while, and gives up after busy_wait.
Status wait_for(const LoadContext& context, const std::string& what,
                const std::function<Result<bool>()>& take,
                const std::function<std::string()>& holders) {
  constexpr std::chrono::milliseconds kPause{200};
  constexpr std::chrono::seconds kQuiet{5};
  const auto start = context.run.env.clock.steady_now();
  bool has_told = false;
  while (true) {
    TRY(const bool is_taken, take());
    if (is_taken) return {};
    const auto waited = context.run.env.clock.steady_now() - start;
    if (waited + kPause > context.options.busy_wait) {
      const auto seconds = std::chrono::round<std::chrono::seconds>(waited).count();
      return base::transient(what + " is locked by another session" + holders() +
                             "; gave up after " + std::to_string(seconds) + " s")
          .with_remedy("End that session or its transaction, or say --wait with how long to wait.");
    }
    if (!has_told && waited >= kQuiet) {
      has_told = true;
      context.run.events.emit(
          base::Noted{"waiting for " + what + ", which another session locks" + holders()});
    }
    if (!context.run.env.clock.sleep(kPause, context.run.stop)) return interrupted();
  }
}

Status set_lock_timeout(Connection& connection, std::chrono::milliseconds timeout) {
  TRY(query_texts(connection, "SELECT set_config('lock_timeout', '" +
                                  std::to_string(timeout.count()) + "ms', true)"));
  return {};
}

// " (process 123)", the sessions that hold locks on a table; "" where they cannot be told.
std::string holders_of(Connection& connection, const std::string& table) {
  const auto pids = query_texts(connection,
                                "SELECT DISTINCT pid::text FROM pg_locks WHERE granted AND pid <> "
                                "pg_backend_pid() AND relation = " +
                                    warehouse::quote_literal(table) + "::regclass ORDER BY 1");
  if (!pids.ok() || pids.value().empty()) return "";
  std::string text;
  for (const auto& row : pids.value()) text += (text.empty() ? "" : ", ") + row.at(0);
  return " (process " + text + ")";
}

// Locks a table for writing, unless a lock of another session is in the way. To ask first leaves
// the transaction whole: after a time-out it could only be undone.
Result<bool> lock_table(Connection& connection, const std::string& table) {
  TRY(const auto in_the_way,
      query_number(connection,
                   "SELECT count(*) FROM pg_locks WHERE granted AND pid <> pg_backend_pid() AND "
                   "mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', "
                   "'AccessExclusiveLock') AND relation = " +
                       warehouse::quote_literal(table) + "::regclass"));
  if (in_the_way > 0) return false;
  TRY(connection.execute("LOCK TABLE " + table + " IN ROW EXCLUSIVE MODE"));
  return true;
}

// Two sessions load one after the other, and tables that others lock are waited for, not without a
// word; DuckDB's file lock does this by itself.
Status take_turn(const LoadContext& context, Connection& connection, const HeldState& state,
                 const std::string& qualifier) {
  if (connection.dialect() != Dialect::kPostgreSql) return {};
  TRY(wait_for(
      context, "the destination",
      [&]() -> Result<bool> {
        // "ashore" as an ASCII number.
        TRY(const auto taken,
            query_texts(connection, "SELECT pg_try_advisory_xact_lock(107083932660325)::text"));
        return taken.at(0).at(0) == "true";
      },
      [] { return std::string(" that loads it"); }));
  TRY(set_lock_timeout(connection, context.options.busy_wait));
  for (const auto& table : context.tables) {
    if (!state.tables.contains(table.spec->name)) continue;
    const auto name = qualifier + warehouse::quote_identifier(table.spec->name);
    TRY(wait_for(
        context, "table '" + table.spec->name + "'", [&] { return lock_table(connection, name); },
        [&] { return holders_of(connection, name); }));
  }
  return {};
}

Result<TableOutcome> load_one(const LoadContext& context, const TableContext& session,
                              const PublishedTable& table, const HeldState& state) {
  const auto other = state.other_histories.find(table.spec->name);
  const bool is_other = other != state.other_histories.end();
  if (is_other && !context.options.range) {
    context.run.events.emit(base::Warned{"destination table '" + table.spec->name +
                                         "' may hold another history: " + other->second +
                                         "; every row is compared"});
  }
  TableRequest request{.table = table,
                       .is_there = state.tables.contains(table.spec->name),
                       .held = std::nullopt,
                       .full = context.options.full || is_other,
                       .range = std::nullopt};
  request.adopt = static_cast<bool>(context.options.adopt);
  request.fixes_repeated_keys = context.options.fixes_repeated_keys;
  const auto held = state.held.find(table.spec->name);
  if (held != state.held.end()) request.held = held->second;
  const auto range = context.ranges.find(table.spec->name);
  if (range != context.ranges.end()) request.range = range->second;
  TRY(auto outcome, load_table(session, request));
  if (!outcome.bookkeeping) return outcome;
  TRY(write_held(session.connection, session.qualifier,
                 {table.spec->name, *outcome.bookkeeping, context.options.run_id,
                  context.run.env.clock.now()}));
  return outcome;
}

// DuckDB tries every way to compress each column when it writes its file: for few rows that takes
// longer than all else. What a later load adds to these tables is compressed as usual.
Status write_few_rows_plainly(const LoadContext& context, Connection& connection,
                              const HeldState& state) {
  constexpr std::int64_t kFewRows = 2'048;  // DuckDB's vector
  if (connection.dialect() != Dialect::kDuckDb || !state.tables.empty()) return {};
  const bool is_small = std::ranges::all_of(
      context.tables, [](const PublishedTable& table) { return table.snapshot->rows <= kFewRows; });
  if (!is_small) return {};
  TRY(connection.execute("SET force_compression = 'uncompressed'"));
  return {};
}

Result<DestinationOutcome> load_tables(const LoadContext& context, Connection& connection,
                                       const std::string& qualifier) {
  // Read again under the lock: another session may have loaded since.
  TRY(const auto state, read_state(context, connection, qualifier));
  if (const auto nothing = nothing_to_do(context, state)) return *nothing;
  DestinationOutcome outcome;
  TRY(write_few_rows_plainly(context, connection, state));
  if (!state.has_bookkeeping) {
    TRY(connection.execute(create_bookkeeping(connection.dialect(), qualifier)));
  } else {
    TRY(bring_up_to_date(connection, qualifier));
  }
  const TableContext session{connection, qualifier, context.run.env.store, context.run.events,
                             context.run.stop};
  for (const auto& table : context.tables) {
    if (context.run.stop.stop_requested()) return interrupted();
    TRY(auto loaded,
        load_one(context, session, table, state).within("load table '" + table.spec->name + "'"));
    outcome.wrote |= loaded.changed_rows || loaded.changed_shape || loaded.bookkeeping.has_value();
    outcome.tables.push_back(std::move(loaded.counts));
    if (loaded.adopted) outcome.adopted.push_back(std::move(*loaded.adopted));
  }
  return outcome;
}

// Whether what was done may stay: only an adoption is asked about.
bool is_approved(const LoadContext& context, const config::DestinationSpec& destination,
                 const DestinationOutcome& outcome) {
  if (outcome.adopted.empty()) return true;
  return context.options.adopt({destination_name(destination), outcome.adopted});
}

}  // namespace

warehouse::ConnectOptions connect_options(const Options& options, const state::RunContext& run,
                                          const config::DestinationSpec& destination) {
  warehouse::ConnectOptions connect;
  connect.driver_folder = run.driver_folder;
  // Not quite half, less a part of what DuckDB holds beside what it counts (decision 0060).
  constexpr std::int64_t kUncounted = std::int64_t{32} << 20;
  connect.memory_bytes_max = run.memory_bytes / 16 * 7 - kUncounted;
  connect.threads = run.threads;
  connect.faults = run.faults;
  if (destination.kind == config::DestinationKind::kDuckDb) {
    connect.dialect = Dialect::kDuckDb;
    connect.path = duckdb_path(options, destination.path);
    connect.instance = instance_for(options);
  } else {
    connect.dialect = Dialect::kPostgreSql;
    connect.url = destination.url;
  }
  return connect;
}

Result<DestinationOutcome> load_destination(const LoadContext& context,
                                            const config::DestinationSpec& destination) {
  TRY(const auto connection, connect(context, destination));
  TRY(const auto name_qualifier, qualifier(*connection));
  TRY(const auto state, read_state(context, *connection, name_qualifier));
  if (auto nothing = nothing_to_do(context, state)) return std::move(*nothing);
  // From here on an Error drops the session, and the database undoes the transaction.
  TRY(connection->begin());
  TRY(take_turn(context, *connection, state, name_qualifier));
  TRY(auto outcome, load_tables(context, *connection, name_qualifier));
  if (!is_approved(context, destination, outcome)) {
    TRY(connection->rollback());
    return DestinationOutcome{};
  }
  TRY(outcome.wrote ? connection->commit() : connection->rollback());
  return outcome;
}

}  // namespace ashore::load
