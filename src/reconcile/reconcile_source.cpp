// Compares with the source's totals, one request per window.
#include <fmt/format.h>

#include <algorithm>

#include "extract/extract.h"
#include "reconcile/reconcile_places.h"
#include "run/session.h"
#include "state/run_folder.h"
#include "state/summary.h"

namespace ashore::reconcile {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr const char* kSource = "source";

bool covers(const base::Window& outer, const base::Window& inner) {
  const bool begins = !outer.start || (inner.start && *outer.start <= *inner.start);
  const bool ends = !outer.end || (inner.end && *inner.end <= *outer.end);
  return begins && ends;
}

// The newest landing of which the tables were made that holds all of the window, or "".
Result<std::string> landing_of(const ReconcileContext& context, const base::Window& window) {
  TRY(const auto runs, state::list_runs(context.run.env.store));
  std::string newest;
  for (const auto& step : context.steps) {
    const auto run = std::ranges::find(runs, step.landing, &state::RunInfo::run_id);
    if (run != runs.end() && covers(run->window, window)) newest = step.landing;
  }
  return newest;
}

// The counts that a stage of a run left for a table; none where it left none.
Result<state::TableCounts> counts_of(io::ObjectStore& store, const std::string& run_id,
                                     std::string_view stage, const std::string& table) {
  const auto summary = state::read_summary(store, run_id, stage);
  if (!summary.ok() && summary.error().kind() != ErrorKind::kNotFound) return summary.error();
  if (!summary.ok()) return state::TableCounts{};
  const auto& tables = summary.value().tables;
  const auto found = std::ranges::find(tables, table, &state::TableCounts::table);
  return found == tables.end() ? state::TableCounts{} : *found;
}

// Items of a landing that are no rows of the table, less those whose earlier row is published
// still.
Result<std::int64_t> set_aside(io::ObjectStore& store, const std::string& run_id,
                               const std::string& table) {
  if (run_id.empty()) return std::int64_t{0};
  TRY(const auto staged, counts_of(store, run_id, "transform", table));
  TRY(const auto merged, counts_of(store, run_id, "merge", table));
  return staged.rejected + staged.dropped_null + staged.dropped_duplicate - merged.stale;
}

Status compare_total(const ReconcileContext& context, const std::vector<MeasuredTable>& tables,
                     std::size_t index, std::int64_t total, Reconciled* result) {
  const auto& window = context.windows[index];
  TRY(const auto landing, landing_of(context, window));
  for (const auto& table : tables) {
    if (table.spec->parent) continue;
    SourceTotal entry{
        .table = table.shape.name, .window = run::window_text(window), .total = total};
    entry.published = table.rows_in_windows[index];
    TRY(entry.set_aside, set_aside(context.run.env.store, landing, entry.table));
    if (table.damaged.empty() && entry.total - entry.set_aside != entry.published) {
      result->findings.push_back(
          {kSource, entry.table, "", "", "",
           fmt::format("it has {} items now ({}), published are {} and set aside {}: it has "
                       "changed since; see 'ashore run'",
                       entry.total, entry.window, entry.published, entry.set_aside)});
    }
    result->source.push_back(std::move(entry));
  }
  return {};
}

}  // namespace

Status compare_source(const ReconcileContext& context, const std::vector<MeasuredTable>& tables,
                      Reconciled* result) {
  for (std::size_t index = 0; index < context.windows.size(); ++index) {
    const extract::Options options{.run_id = "reconcile",
                                   .window = context.windows[index],
                                   .source_url = context.options.source_url};
    const auto total = extract::count_items(context.pipeline, options, context.run);
    if (!total.ok() && total.error().kind() == ErrorKind::kInterrupted) return total.error();
    if (!total.ok()) {
      result->not_compared.push_back(
          {kSource, total.error().message() + " '--offline' leaves the source out.",
           total.error().kind()});
      return {};
    }
    if (!total.value()) {
      context.run.events.emit(base::Noted{"the source tells no total: it is not compared"});
      return {};
    }
    TRY(compare_total(context, tables, index, *total.value(), result));
  }
  return {};
}

}  // namespace ashore::reconcile
