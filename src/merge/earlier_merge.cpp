// Compares manifests, counters and versions; every doubt is a reason to merge.
#include "merge/earlier_merge.h"

#include <algorithm>
#include <utility>

#include "delta/basis.h"
#include "delta/snapshot.h"
#include "state/run_folder.h"
#include "state/summary.h"

namespace ashore::merge {

namespace {

using base::Result;

// What the earlier run left.
struct Earlier {
  state::Summary summary;
  delta::Basis basis;
};

const state::TableCounts* counts_of(const state::Summary& summary, const std::string& table) {
  const auto found = std::ranges::find(summary.tables, table, &state::TableCounts::table);
  return found == summary.tables.end() ? nullptr : &*found;
}

// A warning tells of rows that are missing and kept, stale, or of a future that depends on the
// landing's time; rejected and older rows are not what is published.
bool has_settled_all(const state::Summary& summary) {
  return summary.warnings.empty() &&
         std::ranges::all_of(summary.tables, [](const state::TableCounts& counts) {
           return counts.rejected == 0 && counts.stale == 0 && counts.older == 0 &&
                  counts.missing <= counts.deleted;
         });
}

std::optional<Earlier> read_earlier(io::ObjectStore& store, const config::Pipeline& pipeline,
                                    const state::Manifest& window, const std::string& run_id) {
  const auto merged = state::read_manifest_head(store, state::stage_manifest_path(run_id, "merge"));
  if (!merged.ok()) return std::nullopt;
  const auto& then = merged.value();
  if (then.pipeline_sha256 != pipeline.sha256 || then.version != window.version ||
      then.window != window.window || then.started_us > window.started_us) {
    return std::nullopt;
  }
  auto summary = state::read_summary(store, run_id, "merge");
  auto basis = delta::read_basis(store, run_id);
  if (!summary.ok() || !has_settled_all(summary.value())) return std::nullopt;
  if (!basis || basis->pipeline_sha256 != pipeline.sha256) return std::nullopt;
  return Earlier{std::move(summary).value(), *std::move(basis)};
}

// Every staged row is published as it is.
state::TableCounts unchanged_counts(const state::TableCounts& staged,
                                    const state::TableCounts& then) {
  auto counts = staged;
  counts.unchanged = counts.rows_out;
  counts.partitions_total = then.partitions_total;
  return counts;
}

// Nothing where the table is not as the earlier run left it.
Result<std::optional<delta::TableCandidate>> unchanged_table(io::ObjectStore& store,
                                                             const config::Table& table,
                                                             const state::Summary& staged,
                                                             const Earlier& earlier,
                                                             delta::TableLogs* logs) {
  const auto* const basis = earlier.basis.table(table.name);
  const auto* const now = counts_of(staged, table.name);
  const auto* const then = counts_of(earlier.summary, table.name);
  if (basis == nullptr || now == nullptr || then == nullptr) {
    return std::optional<delta::TableCandidate>();
  }
  TRY(const auto version, delta::newest_version(store, state::table_folder(table.name)));
  if (version < 0) return std::optional<delta::TableCandidate>();
  TRY(const auto entry, logs->entry(table.name, version));
  if (!delta::is_left_at(earlier.basis, *basis, entry)) {
    return std::optional<delta::TableCandidate>();
  }
  delta::TableCandidate candidate;
  candidate.table = table.name;
  candidate.table_id = basis->table_id;
  candidate.base_version = version;
  candidate.schema = table.schema();
  if (table.partition_by) candidate.partition_columns = {*table.partition_by};
  candidate.counts = unchanged_counts(*now, *then);
  return std::optional(std::move(candidate));
}

}  // namespace

Result<std::optional<std::vector<delta::TableCandidate>>> earlier_merge(
    const config::Pipeline& pipeline, const state::Manifest& window, const Options& options,
    delta::TableLogs& logs, const state::RunContext& context) {
  using Tables = std::vector<delta::TableCandidate>;
  auto& store = context.env.store;
  if (options.equal_window_of.empty()) return std::optional<Tables>();
  const auto earlier = read_earlier(store, pipeline, window, options.equal_window_of);
  if (!earlier) return std::optional<Tables>();
  TRY(const auto staged, state::read_summary(store, options.run_id, "transform"));
  Tables tables;
  for (const auto& table : pipeline.tables) {
    TRY(auto unchanged, unchanged_table(store, table, staged, *earlier, &logs));
    if (!unchanged) return std::optional<Tables>();
    tables.push_back(*std::move(unchanged));
  }
  return std::optional(std::move(tables));
}

}  // namespace ashore::merge
