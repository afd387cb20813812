// Loads every destination; one that fails does not keep the others from being loaded.
#include "load/load.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "load/destination.h"
#include "load/published_table.h"
#include "load/scope.h"
#include "load/table_shape.h"
#include "warehouse/duckdb_instance.h"
#include "warehouse/postgres_url.h"

namespace ashore::load {

namespace {

using base::Result;

Result<std::map<std::string, Scope>> ranges_of(const config::Pipeline& pipeline,
                                               const std::vector<PublishedTable>& tables,
                                               const Options& options) {
  std::map<std::string, Scope> ranges;
  if (!options.range) return ranges;
  for (const auto& table : tables) {
    TRY(ranges[table.spec->name], scope_of_range(pipeline, table, *options.range));
  }
  return ranges;
}

void emit_loaded(const state::DestinationResult& result, base::EventSink& events) {
  for (const auto& table : result.tables) {
    events.emit(base::DestinationLoaded{result.name, table.table, table.version, table.inserted,
                                        table.updated, table.deleted});
  }
}

// Two that are one and the same place, or that ask about an adoption, take turns; so do those whose
// calls tests count.
int side_by_side(const Options& options, const state::RunContext& run) {
  std::set<std::string> names;
  for (const auto& destination : options.destinations) names.insert(destination_name(destination));
  const bool has_doubles = names.size() < options.destinations.size();
  if (has_doubles || options.adopt || run.faults != nullptr) return 1;
  return std::clamp(static_cast<int>(names.size()), 1, run.threads);
}

// Loads every destination, whatever becomes of the others; outcomes in their order. Those that are
// loaded side by side share the memory.
std::vector<Result<DestinationOutcome>> load_all(const LoadContext& context) {
  const auto& destinations = context.options.destinations;
  const int threads = side_by_side(context.options, context.run);
  auto run = context.run;
  run.memory_bytes /= threads;
  const LoadContext each{context.tables, context.ranges, context.options, run};
  std::vector<Result<DestinationOutcome>> outcomes(destinations.size(), DestinationOutcome());
  // Each notices a stop itself.
  const auto all = base::for_each_index(
      destinations.size(), threads,
      [&](std::size_t index) -> base::Status {
        outcomes[index] = load_destination(each, destinations[index]);
        return {};
      },
      std::stop_token());
  assert(all.ok());
  (void)all;
  return outcomes;
}

// Whoever needs the rows later reads the files.
base::Status remove_handovers(const std::vector<PublishedTable>& tables, io::ObjectStore& store) {
  for (const auto& table : tables) {
    if (table.handover || table.changes) TRY(delta::remove_handover(store, table.run_id));
  }
  return {};
}

}  // namespace

std::string table_definition(const config::Table& table, warehouse::Dialect dialect) {
  return create_table(
      {dialect, warehouse::quote_identifier(table.name), table.schema(), table.key});
}

std::string destination_name(const config::DestinationSpec& destination) {
  if (destination.kind == config::DestinationKind::kDuckDb) return "duckdb:" + destination.path;
  return warehouse::postgres_place(destination.url);
}

void open_ahead(const Options& options, const state::RunContext& context) {
  constexpr std::int64_t kMemoryMin = std::int64_t{512} << 20;
  // Whoever counts calls wants them in one order.
  if (context.threads == 1 || context.faults != nullptr || context.memory_bytes < kMemoryMin)
    return;
  for (const auto& destination : options.destinations) {
    const auto connect = connect_options(options, context, destination);
    const bool attaches =
        connect.instance != nullptr && warehouse::DuckDbInstance::can_attach(connect.path);
    if (attaches) connect.instance->open_ahead(connect);
  }
}

Result<Loaded> load(const config::Pipeline& pipeline, const Options& options,
                    const state::RunContext& context) {
  const auto started = context.env.clock.steady_now();
  delta::TableLogs own_logs(context.env.store, context.threads);
  auto& logs = options.logs == nullptr ? own_logs : *options.logs;
  TRY(const auto tables, read_published(context.env.store, logs, pipeline, options));
  TRY(const auto ranges, ranges_of(pipeline, tables, options));
  const LoadContext shared{tables, ranges, options, context};
  Loaded loaded;
  loaded.summary.stage = "load";
  loaded.summary.nothing_new = true;
  auto outcomes = load_all(shared);
  for (std::size_t index = 0; index < outcomes.size(); ++index) {
    state::DestinationResult result;
    result.name = destination_name(options.destinations[index]);
    auto outcome = std::move(outcomes[index]).within("load " + result.name);
    if (outcome.ok()) {
      result.tables = std::move(outcome.value().tables);
      loaded.summary.nothing_new &= !outcome.value().wrote;
      emit_loaded(result, context.events);
    } else {
      result.error = outcome.error().message();
      loaded.summary.nothing_new = false;
      if (loaded.status.ok()) loaded.status = outcome.error();
    }
    loaded.summary.destinations.push_back(std::move(result));
  }
  if (loaded.status.ok()) TRY(remove_handovers(tables, context.env.store));
  const std::chrono::duration<double> seconds = context.env.clock.steady_now() - started;
  loaded.summary.seconds = seconds.count();
  return loaded;
}

}  // namespace ashore::load
