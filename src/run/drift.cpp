// Compares what transform found with what it found in the landing before.
#include "run/drift.h"

#include <fmt/format.h>

#include <algorithm>

#include "state/run_folder.h"

namespace ashore::run {

namespace {

using base::Result;

// Where a table's rows lie in an item: "" or "/lines/*".
std::string place_of(const config::Pipeline& pipeline, const config::Table& table) {
  std::string place = table.parent ? place_of(pipeline, *pipeline.table(*table.parent)) : "";
  for (const auto& each : table.each) place += each.to_string() + "/*";
  return place;
}

bool is_below(const std::string& path, const std::string& place) {
  return path.starts_with(place) &&
         (place.empty() || path.size() == place.size() || path[place.size()] == '/');
}

// True where a table that says `drift: block` has the path: those whose rows lie deepest above it.
bool is_blocking(const config::Pipeline& pipeline, const std::string& path) {
  std::size_t depth = 0;
  for (const auto& table : pipeline.tables) {
    const auto place = place_of(pipeline, table);
    if (is_below(path, place)) depth = std::max(depth, place.size());
  }
  return std::ranges::any_of(pipeline.tables, [&](const config::Table& table) {
    const auto place = place_of(pipeline, table);
    return table.drift == config::OnDrift::kBlock && place.size() == depth && is_below(path, place);
  });
}

bool had(const state::Summary& before, const state::Drift& drift) {
  return std::ranges::any_of(before.drift, [&](const state::Drift& other) {
    return other.kind == drift.kind && other.table == drift.table && other.path == drift.path &&
           other.column == drift.column;
  });
}

std::string text_of(const state::Drift& drift) {
  const auto where = drift.column.empty()
                         ? fmt::format("table '{}'", drift.table)
                         : fmt::format("column '{}' of table '{}'", drift.column, drift.table);
  if (drift.kind == "missing") return fmt::format("{}: no item has '{}'", where, drift.path);
  return fmt::format("{}: {} value{} of '{}' came as {} instead of {}, for example {}", where,
                     drift.count, drift.count == 1 ? "" : "s", drift.path, drift.found,
                     drift.expected, drift.example);
}

}  // namespace

bool may_block_on_drift(const config::Pipeline& pipeline) {
  return std::ranges::any_of(pipeline.tables, [](const config::Table& table) {
    return table.drift == config::OnDrift::kBlock;
  });
}

std::vector<std::string> blocking_drift(const config::Pipeline& pipeline, const state::Summary& now,
                                        const std::optional<state::Summary>& before) {
  std::vector<std::string> changes;
  for (const auto& drift : now.drift) {
    const auto* table = pipeline.table(drift.table);
    if (table == nullptr || table->drift != config::OnDrift::kBlock) continue;
    // A path that was missing last time too is no news. A value of another type always is: the rows
    // in question are new.
    const bool is_known = drift.kind == "missing" && before && had(*before, drift);
    if (!is_known) changes.push_back(text_of(drift));
  }
  // The first landing has nothing to be new against.
  if (!before) return changes;
  for (const auto& path : now.unmapped) {
    const bool is_known = std::ranges::any_of(
        before->unmapped,
        [&](const state::UnmappedPath& other) { return other.path == path.path; });
    if (is_known || !is_blocking(pipeline, path.path)) continue;
    changes.push_back(fmt::format("a path is new: '{}', {} time{}, for example {}", path.path,
                                  path.count, path.count == 1 ? "" : "s", path.example));
  }
  return changes;
}

Result<std::optional<state::Summary>> read_summary_before(io::ObjectStore& store,
                                                          const config::Pipeline& pipeline,
                                                          std::int64_t started_us) {
  TRY(const auto runs, state::list_runs(store));
  const state::RunInfo* newest = nullptr;
  for (const auto& run : runs) {
    const bool is_published =
        std::ranges::find(run.complete_stages, "publish") != run.complete_stages.end();
    if (!is_published || run.pipeline_name != pipeline.name || run.started_us >= started_us) {
      continue;
    }
    newest = &run;
  }
  if (newest == nullptr) return std::optional<state::Summary>();
  auto summary = state::read_summary(store, newest->run_id, "transform");
  // Run folders are deleted by age: without the summary there is nothing to compare with.
  if (!summary.ok()) return std::optional<state::Summary>();
  return std::optional(std::move(summary).value());
}

}  // namespace ashore::run
