// Adds up the counters of pages.
// Adds pages up in their order, so that examples are the first ones on any number of threads.
#include "transform/window_summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "state/run_folder.h"
#include "transform/page_decoder.h"

namespace ashore::transform {

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

state::TableCounts count_table(const TablePlan& plan, const WindowTable& window, std::size_t index,
                               const std::vector<PageRows>& pages) {
  state::TableCounts counts;
  counts.table = plan.table->name;
  for (const auto& page : pages) {
    const auto& table = page.tables[index];
    counts.rows_in += table.rows_in;
    counts.dropped_null += table.dropped_null;
    counts.rejected += table.rejected;
    counts.unreadable_keys += table.unreadable_keys;
  }
  counts.rows_out = static_cast<std::int64_t>(window.order.size());
  counts.dropped_duplicate = window.dropped_duplicate;
  return counts;
}

std::vector<state::UnmappedPath> join_unmapped(const std::vector<PageRows>& pages) {
  std::vector<state::UnmappedPath> joined;
  std::map<std::string_view, std::size_t> index_of;
  for (const auto& page : pages) {
    for (const auto& path : page.unmapped) {
      const auto found = index_of.find(path.path);
      if (found != index_of.end()) {
        joined[found->second].count += path.count;
      } else if (joined.size() < kUnmappedPathsMax) {
        index_of.emplace(path.path, joined.size());
        joined.push_back(path);
      }
    }
  }
  return joined;
}

std::vector<std::int64_t> sum_seen(const Plan& plan, const std::vector<PageRows>& pages) {
  std::vector<std::int64_t> seen(plan.nodes.size(), 0);
  for (const auto& page : pages) {
    for (std::size_t node = 0; node < seen.size(); ++node) seen[node] += page.seen[node];
  }
  return seen;
}

state::Drift column_drift(const TablePlan& table, const Plan& plan, int column, std::string kind) {
  const auto& field = table.schema.fields[at(column)];
  const int node = table.path_nodes[at(column)];
  return {.table = table.table->name,
          .column = field.name,
          .path = node < 0 ? "" : plan.nodes[at(node)].path,
          .kind = std::move(kind),
          .expected = base::type_name(field.type),
          .found = "",
          .count = 0,
          .example = ""};
}

// Columns whose values came in another type, added up over pages.
void add_changed_types(const Plan& plan, std::size_t index, const std::vector<PageRows>& pages,
                       std::vector<state::Drift>* drift) {
  std::vector<TypeTally> sums;
  for (const auto& page : pages) {
    for (const auto& tally : page.tables[index].types) {
      const auto found = std::ranges::find_if(sums, [&](const TypeTally& sum) {
        return sum.column == tally.column && sum.found == tally.found;
      });
      if (found == sums.end()) {
        sums.push_back(tally);
      } else {
        found->rows += tally.rows;
      }
    }
  }
  for (const auto& sum : sums) {
    auto& entry = drift->emplace_back(column_drift(plan.tables[index], plan, sum.column, "type"));
    entry.found = sum.found;
    entry.count = sum.rows;
    entry.example = sum.example;
  }
}

// Paths that are named and never there: a typing error, or a source that changed.
void warn_of_absent_paths(const TablePlan& table, const Plan& plan, std::int64_t rows_in,
                          const std::vector<std::int64_t>& seen, state::Summary* summary) {
  auto* const warnings = &summary->warnings;
  const auto& name = table.table->name;
  for (const int array : table.arrays) {
    if (seen[at(array)] > 0) continue;
    warnings->push_back("table '" + name + "': no item has the array '" +
                        plan.nodes[at(array)].path + "'");
    summary->drift.push_back({.table = name,
                              .column = "",
                              .path = plan.nodes[at(array)].path,
                              .kind = "missing",
                              .expected = "array",
                              .found = "",
                              .count = 0,
                              .example = ""});
    return;
  }
  if (rows_in == 0) return;
  for (std::size_t column = 0; column < table.path_nodes.size(); ++column) {
    const int node = table.path_nodes[column];
    if (node < 0 || seen[at(node)] > 0) continue;
    warnings->push_back("column '" + table.schema.fields[column].name + "' of table '" + name +
                        "': no item has its path '" + plan.nodes[at(node)].path + "'");
    summary->drift.push_back(column_drift(table, plan, static_cast<int>(column), "missing"));
  }
}

}  // namespace

state::Summary summarise(const Plan& plan, const std::vector<WindowTable>& tables,
                         const std::vector<PageRows>& pages) {
  state::Summary summary;
  summary.stage = "transform";
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    summary.tables.push_back(count_table(plan.tables[index], tables[index], index, pages));
  }
  summary.unmapped = join_unmapped(pages);
  const auto seen = sum_seen(plan, pages);
  if (seen.front() == 0) return summary;
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    warn_of_absent_paths(plan.tables[index], plan, summary.tables[index].rows_in, seen, &summary);
    add_changed_types(plan, index, pages, &summary.drift);
  }
  return summary;
}

void tell(const Plan& plan, const std::vector<PageRows>& pages, const state::Summary& summary,
          base::EventSink& events) {
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    RuleTallies sums;
    for (const auto& page : pages) {
      for (std::size_t rule = 0; rule < sums.size(); ++rule) {
        const auto& tally = page.tables[index].rules[rule];
        if (sums[rule].rows == 0) sums[rule].example = tally.example;
        sums[rule].rows += tally.rows;
      }
    }
    for (std::size_t rule = 0; rule < sums.size(); ++rule) {
      if (sums[rule].rows == 0) continue;
      events.emit(base::RowsRejected{plan.tables[index].table->name,
                                     std::string(rule_name(static_cast<Rule>(rule))),
                                     sums[rule].rows, sums[rule].example});
    }
  }
  for (const auto& warning : summary.warnings) events.emit(base::Warned{warning});
}

namespace {

std::string first_example(const std::vector<PageRows>& pages, std::size_t table) {
  for (const auto& page : pages) {
    const auto& example = page.tables[table].first_example;
    if (!example.empty()) return example;
  }
  return "";
}

// The most rejections that a table may have in this window.
double limit_of(const config::Table& table, std::int64_t rows_in) {
  return std::max(static_cast<double>(table.rejected_rows_max),
                  table.rejected_share_max * static_cast<double>(rows_in));
}

}  // namespace

base::Status check_rejections(const Plan& plan, const std::vector<PageRows>& pages,
                              const state::Summary& summary, const std::string& run_id) {
  std::string blocked;
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    const auto& counts = summary.tables[index];
    const double limit = limit_of(*plan.tables[index].table, counts.rows_in);
    if (static_cast<double>(counts.rejected) <= limit) continue;
    if (!blocked.empty()) blocked += "; ";
    blocked += "table '" + counts.table + "': " + std::to_string(counts.rejected) + " of " +
               std::to_string(counts.rows_in) + " rows were rejected and " +
               std::to_string(static_cast<std::int64_t>(std::floor(limit))) +
               " may be (first: " + first_example(pages, index) + "), see " +
               state::quarantine_path(run_id, counts.table);
  }
  if (blocked.empty()) return {};
  return base::Error(base::ErrorKind::kBlockedByQuarantine, std::move(blocked))
      .with_remedy(
          "Fix the column in the pipeline file, or let it pass with rejected_max_rows or "
          "rejected_max of the table");
}

}  // namespace ashore::transform
