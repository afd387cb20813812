// One session a destination: reads the bookkeeping, and opens a transaction only for real work.
#include "load/destination.h"

#include <set>
#include <utility>

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

warehouse::ConnectOptions connect_options(const LoadContext& context,
                                          const spec::DestinationSpec& destination) {
  warehouse::ConnectOptions options;
  options.driver_folder = context.options.driver_folder;
  options.memory_bytes_max = context.options.memory_bytes / 2;
  options.threads = context.options.threads;
  options.faults = context.options.faults;
  if (destination.kind == spec::DestinationKind::kDuckDb) {
    options.dialect = Dialect::kDuckDb;
    options.path = duckdb_path(context.options, destination.path);
  } else {
    options.dialect = Dialect::kPostgreSql;
    options.url = destination.url;
  }
  return options;
}

// A DuckDB file that another process holds is waited for; all else fails at once.
Result<std::unique_ptr<Connection>> connect(const LoadContext& context,
                                            const spec::DestinationSpec& destination) {
  constexpr std::chrono::milliseconds kPause{200};
  const auto options = connect_options(context, destination);
  const auto until = context.env.clock.steady_now() + context.options.busy_wait;
  while (true) {
    auto connection = Connection::open(options);
    if (connection.ok() || !warehouse::is_file_held(connection.error())) return connection;
    if (context.env.clock.steady_now() + kPause > until) return connection;
    if (!context.env.clock.sleep(kPause, context.stop)) return interrupted();
  }
}

struct HeldState {
  bool has_bookkeeping = false;
  HeldTables held;
  std::set<std::string> tables;  // that exist
};

Result<HeldState> read_state(Connection& connection, const std::string& qualifier) {
  HeldState state;
  TRY(state.tables, table_names(connection));
  state.has_bookkeeping = state.tables.count(std::string(kBookkeepingTable)) > 0;
  if (state.has_bookkeeping) {
    TRY(state.held, read_held(connection, qualifier));
  }
  return state;
}

bool is_current(const HeldState& state, const PublishedTable& table) {
  const auto held = state.held.find(table.spec->name);
  return held != state.held.end() && state.tables.count(table.spec->name) > 0 &&
         held->second.table_id == table.snapshot.table_id &&
         held->second.version == table.snapshot.version;
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
    counts.unchanged = table.snapshot.rows;
    counts.version = table.snapshot.version;
    outcome.tables.push_back(std::move(counts));
  }
  return outcome;
}

// Two sessions load one after the other; DuckDB's file lock does this by itself.
Status take_turn(const LoadContext& context, Connection& connection) {
  if (connection.dialect() != Dialect::kPostgreSql) return {};
  const auto wait = std::to_string(context.options.busy_wait.count());
  TRY(query_texts(connection, "SELECT set_config('lock_timeout', '" + wait + "ms', true)"));
  // "ashore" as an ASCII number; void has no text, so it is wrapped.
  TRY(query_texts(connection, "SELECT pg_advisory_xact_lock(107083932660325)::text"));
  return {};
}

Result<TableOutcome> load_one(const LoadContext& context, const TableContext& session,
                              const PublishedTable& table, const HeldState& state) {
  TableRequest request{table, std::nullopt, context.options.full, std::nullopt};
  request.adopt = static_cast<bool>(context.options.adopt);
  request.mends_repeated_keys = context.options.mends_repeated_keys;
  const auto held = state.held.find(table.spec->name);
  if (held != state.held.end()) request.held = held->second;
  const auto range = context.ranges.find(table.spec->name);
  if (range != context.ranges.end()) request.range = range->second;
  TRY(auto outcome, load_table(session, request));
  if (!outcome.bookkeeping) return outcome;
  TRY(write_held(
      session.connection, session.qualifier,
      {table.spec->name, *outcome.bookkeeping, context.options.run_id, context.env.clock.now()}));
  return outcome;
}

Result<DestinationOutcome> load_tables(const LoadContext& context, Connection& connection,
                                       const std::string& qualifier) {
  // Read again under the lock: another session may have loaded since.
  TRY(const auto state, read_state(connection, qualifier));
  if (const auto nothing = nothing_to_do(context, state)) return *nothing;
  DestinationOutcome outcome;
  if (!state.has_bookkeeping) {
    TRY(connection.execute(create_bookkeeping(connection.dialect(), qualifier)));
  }
  const TableContext session{connection, qualifier, context.env.store, context.events,
                             context.stop};
  for (const auto& table : context.tables) {
    if (context.stop.stop_requested()) return interrupted();
    TRY(auto loaded,
        load_one(context, session, table, state).within("load table '" + table.spec->name + "'"));
    outcome.wrote |= loaded.changed_rows || loaded.changed_shape || loaded.bookkeeping.has_value();
    outcome.tables.push_back(std::move(loaded.counts));
    if (loaded.adopted) outcome.adopted.push_back(std::move(*loaded.adopted));
  }
  return outcome;
}

// Whether what was done may stay: only an adoption is asked about.
bool is_approved(const LoadContext& context, const spec::DestinationSpec& destination,
                 const DestinationOutcome& outcome) {
  if (outcome.adopted.empty()) return true;
  return context.options.adopt({destination_name(destination), outcome.adopted});
}

}  // namespace

Result<DestinationOutcome> load_destination(const LoadContext& context,
                                            const spec::DestinationSpec& destination) {
  TRY(const auto connection, connect(context, destination));
  TRY(const auto name_qualifier, qualifier(*connection));
  TRY(const auto state, read_state(*connection, name_qualifier));
  if (auto nothing = nothing_to_do(context, state)) return std::move(*nothing);
  // From here on an Error drops the session, and the database undoes the transaction.
  TRY(connection->begin());
  TRY(take_turn(context, *connection));
  TRY(auto outcome, load_tables(context, *connection, name_qualifier));
  if (!is_approved(context, destination, outcome)) {
    TRY(connection->rollback());
    return DestinationOutcome{};
  }
  TRY(outcome.wrote ? connection->commit() : connection->rollback());
  return outcome;
}

}  // namespace ashore::load
