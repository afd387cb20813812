// Compares all places: the published tables first, because all else is measured by them.
#include "reconcile/reconcile.h"
#include "reconcile/file_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "load/load.h"
#include "reconcile/reconcile_places.h"
#include "reconcile/row_differences.h"
#include "run/session.h"
#include "state/run_folder.h"

namespace ashore::reconcile {

namespace {

using base::Result;
using base::Status;

Result<std::vector<base::Window>> windows_of(io::ObjectStore& store,
                                             const std::vector<run::Step>& steps) {
  TRY(const auto runs, state::list_runs(store));
  std::map<std::string, base::Window> by_run;
  for (const auto& run : runs) by_run[run.run_id] = run.window;
  std::vector<base::Window> windows;
  for (const auto& step : steps) {
    const auto found = by_run.find(step.landing);
    if (found != by_run.end()) windows.push_back(found->second);
  }
  return joined_windows(std::move(windows));
}

TableSums sums_of(const MeasuredTable& table) {
  TableSums sums{table.shape.name, table.snapshot.version, warehouse::total_of(table.sums), {}};
  for (const auto& [value, sum] : table.sums) {
    sums.partitions.emplace_back(warehouse::partition_name(table.shape, value), sum);
  }
  return sums;
}

load::Options load_options(const ReconcileContext& context,
                           std::vector<config::DestinationSpec> destinations,
                           const std::vector<run::Step>& steps) {
  auto options = context.options.load;
  options.run_id = steps.empty() ? "" : steps.back().landing;
  options.destinations = std::move(destinations);
  options.full = true;
  options.fixes_repeated_keys = true;
  return options;
}

// Takes what was found of a place out of the result.
std::vector<Finding> take_findings(const std::string& place, Reconciled* result) {
  std::vector<Finding> taken;
  for (const auto& finding : result->findings) {
    if (finding.place == place) taken.push_back(finding);
  }
  const auto is_there = [&](const auto& entry) { return entry.place == place; };
  std::erase_if(result->findings, is_there);
  std::erase_if(result->comparisons, is_there);
  std::erase_if(result->not_compared, is_there);
  return taken;
}

bool is_any_damaged(const std::vector<MeasuredTable>& tables) {
  return std::ranges::any_of(tables, [](const auto& table) { return !table.damaged.empty(); });
}

Status repair(const ReconcileContext& context, const std::vector<MeasuredTable>& tables,
              const std::vector<config::DestinationSpec>& destinations, Reconciled* result) {
  if (destinations.empty()) return {};
  if (is_any_damaged(tables)) {
    result->not_compared.push_back(
        {"repair",
         "nothing was repaired: published files are not as they were written. Say "
         "'ashore replay --rebuild' first, which puts them back",
         base::ErrorKind::kPermanent});
    return {};
  }
  for (const auto& destination : destinations) {
    const auto place = load::destination_name(destination);
    auto before = take_findings(place, result);
    TRY(const auto loaded,
        load::load(context.pipeline, load_options(context, {destination}, context.steps),
                   context.run));
    TRY(const bool differs, compare_destination(context, tables, destination, result));
    if (!loaded.status.ok()) {
      const auto& error = loaded.status.error();
      result->not_compared.push_back({place, error.message(), error.kind()});
    } else if (!differs) {
      for (auto& finding : before) result->repaired.push_back(std::move(finding));
    }
  }
  return {};
}

}  // namespace

int Reconciled::exit_code() const {
  if (!findings.empty()) return 1;
  return not_compared.empty() ? 0 : base::exit_code_of(not_compared.front().kind);
}

bool MeasuredTable::is_damaged(const warehouse::PartitionValue& value) const {
  return std::ranges::find(damaged, value) != damaged.end();
}

std::vector<base::Window> joined_windows(std::vector<base::Window> windows) {
  const auto starts_before = [](const base::Window& left, const base::Window& right) {
    // Nothing is before everything.
    return left.start < right.start;
  };
  std::ranges::stable_sort(windows, starts_before);
  std::vector<base::Window> joined;
  for (const auto& window : windows) {
    const bool meets = !joined.empty() &&
                       (!joined.back().end || !window.start || *window.start <= *joined.back().end);
    if (!meets) {
      joined.push_back(window);
      continue;
    }
    auto& end = joined.back().end;
    if (end && (!window.end || *window.end > *end)) end = window.end;
  }
  return joined;
}

Result<bool> compare_rows(const ReconcileContext& context, const MeasuredTable& table,
                          const std::string& place, warehouse::RowSource& found,
                          Reconciled* result) {
  TRY(const auto sums, warehouse::sum_rows(table.shape, found));
  TableComparison comparison{place, table.shape.name, warehouse::total_of(sums), {}};
  auto partitions = warehouse::differing_partitions(table.sums, sums);
  std::erase_if(partitions, [&](const auto& value) { return table.is_damaged(value); });
  for (const auto& value : partitions) {
    comparison.differing.push_back(warehouse::partition_name(table.shape, value));
  }
  result->comparisons.push_back(std::move(comparison));
  FileRows published(context.run.env.store, table.shape, table.snapshot, context.run.stop);
  TRY(auto differences,
      name_differences(table.shape, published, found, partitions, kNamedRowsMax + 1));
  const bool has_more = differences.size() > kNamedRowsMax;
  if (has_more) differences.resize(kNamedRowsMax);
  for (const auto& [partition, key, what] : differences) {
    result->findings.push_back({place, table.shape.name, partition, "", key, what});
  }
  if (has_more) {
    result->findings.push_back({place, table.shape.name, "", "", "",
                                fmt::format("further rows differ, in {} partition{} in all",
                                            partitions.size(), partitions.size() == 1 ? "" : "s")});
  }
  // Sums that differ where every row is equal: the place changed while it was read.
  if (differences.empty() && !partitions.empty()) {
    result->findings.push_back({place, table.shape.name,
                                warehouse::partition_name(table.shape, partitions.front()), "", "",
                                "it changed while it was read"});
  }
  return !partitions.empty();
}

Result<Reconciled> reconcile(const config::Pipeline& pipeline, const run::Options& options,
                             const ReconcileOptions& reconcile_options,
                             const state::RunContext& context) {
  run::Session session{pipeline, options, context, nullptr};
  TRY(run::take_lock(&session, ""));
  ReconcileContext shared{pipeline, options, context, {}, {}};
  const auto history = run::read_history(shared.run.env.store, pipeline);
  // A record that is damaged is a finding below; what can be compared without it is.
  if (!history.ok() && history.error().kind() != base::ErrorKind::kPermanent) {
    return history.error();
  }
  if (history.ok()) shared.steps = run::current_steps(history.value());
  if (history.ok() && shared.steps.empty()) {
    return base::not_found("nothing is published yet in " +
                           shared.run.env.store.location_of("stage"))
        .with_remedy("Run 'ashore run' first");
  }
  TRY(shared.windows, windows_of(shared.run.env.store, shared.steps));
  Reconciled result;
  if (!history.ok()) {
    result.not_compared.push_back(
        {"history", history.error().message(), base::ErrorKind::kPermanent});
  }
  TRY(const auto tables, measure_published(shared, &result));
  for (const auto& table : tables) result.tables.push_back(sums_of(table));
  std::vector<config::DestinationSpec> differing;
  for (const auto& destination : options.load.destinations) {
    TRY(const bool differs, compare_destination(shared, tables, destination, &result));
    if (differs) differing.push_back(destination);
  }
  TRY(check_raw(shared, &result));
  if (reconcile_options.deep) TRY(compare_rebuilt(shared, tables, &result));
  if (!reconcile_options.offline) TRY(compare_source(shared, tables, &result));
  if (reconcile_options.repair) TRY(repair(shared, tables, differing, &result));
  return result;
}

}  // namespace ashore::reconcile
