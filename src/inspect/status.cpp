// Reads each table's Delta log and each destination's _ashore_loads.
#include "inspect/status.h"

#include "delta/snapshot.h"
#include "inspect/answers.h"
#include "load/load.h"
#include "run/pins.h"
#include "state/run_folder.h"

namespace ashore::inspect {

namespace {

using base::Result;

Result<PublishedStatus> published_status(const config::Table& table, io::Env& env) {
  PublishedStatus status;
  status.table = table.name;
  TRY(const auto snapshot, delta::read_snapshot(env.store, state::table_folder(table.name)));
  if (!snapshot) return status;
  status.version = snapshot->version;
  status.rows = snapshot->rows;
  status.files = static_cast<std::int64_t>(snapshot->files.size());
  for (const auto& file : snapshot->files) status.bytes += file.bytes;
  return status;
}

std::int64_t number_of(const Cell& cell) {
  const auto* number = std::get_if<std::int64_t>(&cell);
  return number == nullptr ? 0 : *number;
}

std::string text_of(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? "" : *text;
}

DestinationStatus destination_status(const config::DestinationSpec& destination,
                                     const run::AccessOptions& options) {
  const Question bookkeeping{
      "_ashore_loads",
      "SELECT table_name, version, run_id, row_count, loaded_at FROM _ashore_loads "
      "ORDER BY table_name"};
  DestinationStatus status;
  status.name = load::destination_name(destination);
  const auto answers = answer({bookkeeping}, destination, options);
  if (!answers.ok()) {
    if (answers.error().kind() == base::ErrorKind::kNotFound) return status;
    status.error = answers.error().message();
    return status;
  }
  for (const auto& row : answers.value().front().rows) {
    status.tables.push_back({.table = text_of(row[0]),
                             .version = number_of(row[1]),
                             .rows = number_of(row[3]),
                             .run_id = text_of(row[2]),
                             .loaded_at = text_of(row[4])});
  }
  return status;
}

}  // namespace

Result<PipelineStatus> read_status(const config::Pipeline& pipeline,
                                   const std::vector<config::DestinationSpec>& destinations,
                                   const run::AccessOptions& options, io::Env& env) {
  PipelineStatus status;
  status.has_superseded = pipeline.publish.retain.count() > 0 || !env.store.is_file_system();
  for (const auto& table : pipeline.tables) {
    TRY(auto published, published_status(table, env));
    TRY(const auto rolled_back, run::rolled_back_by(env.store, table.name));
    published.rolled_back_by = rolled_back.value_or("");
    TRY(published.is_pinned, run::is_pinned(env.store, table.name));
    status.tables.push_back(std::move(published));
  }
  for (const auto& destination : destinations) {
    status.destinations.push_back(destination_status(destination, options));
  }
  return status;
}

}  // namespace ashore::inspect
