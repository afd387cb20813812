// Tries every destination; one that fails does not keep the others from being loaded.
#include "load/load.h"

#include <chrono>
#include <map>
#include <utility>

#include "load/destination.h"
#include "load/published_table.h"
#include "load/scope.h"
#include "load/table_shape.h"
#include "warehouse/postgres_url.h"

namespace ashore::load {

namespace {

using base::Result;

Result<std::map<std::string, Scope>> ranges_of(const spec::Pipeline& pipeline,
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

}  // namespace

std::string table_definition(const spec::Table& table, warehouse::Dialect dialect) {
  return create_table(
      {dialect, warehouse::quote_identifier(table.name), table.schema(), table.key});
}

std::string destination_name(const spec::DestinationSpec& destination) {
  if (destination.kind == spec::DestinationKind::kDuckDb) return "duckdb:" + destination.path;
  return warehouse::postgres_place(destination.url);
}

Result<Loaded> load(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                    base::EventSink& events, const std::stop_token& stop) {
  const auto started = env.clock.steady_now();
  TRY(const auto tables, read_published(env.store, pipeline));
  TRY(const auto ranges, ranges_of(pipeline, tables, options));
  const LoadContext context{tables, ranges, options, env, events, stop};
  Loaded loaded;
  loaded.summary.stage = "load";
  loaded.summary.nothing_new = true;
  for (const auto& destination : options.destinations) {
    state::DestinationResult result;
    result.name = destination_name(destination);
    auto outcome = load_destination(context, destination).within("load " + result.name);
    if (outcome.ok()) {
      result.tables = std::move(outcome.value().tables);
      loaded.summary.nothing_new &= !outcome.value().wrote;
      emit_loaded(result, events);
    } else {
      result.error = outcome.error().message();
      loaded.summary.nothing_new = false;
      if (loaded.status.ok()) loaded.status = outcome.error();
    }
    loaded.summary.destinations.push_back(std::move(result));
  }
  const std::chrono::duration<double> seconds = env.clock.steady_now() - started;
  loaded.summary.seconds = seconds.count();
  return loaded;
}

}  // namespace ashore::load
