// Makes a window's summary of what its pages counted together.
#include "transform/window_summary.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "state/run_folder.h"

namespace ashore::transform {

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

state::TableCounts count_table(const TablePlan& plan, const WindowTable& window,
                               const TablePage& page) {
  state::TableCounts counts;
  counts.table = plan.table->name;
  counts.rows_in = page.rows_in;
  counts.dropped_null = page.dropped_null;
  counts.rejected = page.rejected;
  counts.unreadable_keys = page.unreadable_keys;
  counts.rows_out = static_cast<std::int64_t>(window.rows_in_order().size());
  counts.dropped_duplicate = window.dropped_duplicate;
  return counts;
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

// Columns whose values came in another type.
void add_changed_types(const Plan& plan, std::size_t index, const PageRows& pages,
                       std::vector<state::Drift>* drift) {
  for (const auto& sum : pages.tables[index].types) {
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
                         const PageRows& pages) {
  state::Summary summary;
  summary.stage = "transform";
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    summary.tables.push_back(count_table(plan.tables[index], tables[index], pages.tables[index]));
  }
  summary.unmapped = pages.unmapped;
  if (pages.seen.front() == 0) return summary;
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    warn_of_absent_paths(plan.tables[index], plan, summary.tables[index].rows_in, pages.seen,
                         &summary);
    add_changed_types(plan, index, pages, &summary.drift);
  }
  return summary;
}

void tell(const Plan& plan, const PageRows& pages, const state::Summary& summary,
          base::EventSink& events) {
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    const auto& rules = pages.tables[index].rules;
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      if (rules[rule].rows == 0) continue;
      events.emit(base::RowsRejected{plan.tables[index].table->name,
                                     std::string(rule_name(static_cast<Rule>(rule))),
                                     rules[rule].rows, rules[rule].example});
    }
  }
  for (const auto& warning : summary.warnings) events.emit(base::Warned{warning});
}

namespace {

// The most rejections that a table may have in this window.
double limit_of(const config::Table& table, std::int64_t rows_in) {
  return std::max(static_cast<double>(table.rejected_rows_max),
                  table.rejected_share_max * static_cast<double>(rows_in));
}

}  // namespace

base::Status check_rejections(const Plan& plan, const PageRows& pages,
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
               " may be (first: " + pages.tables[index].first_example + "), see " +
               state::quarantine_path(run_id, counts.table);
  }
  if (blocked.empty()) return {};
  return base::Error(base::ErrorKind::kBlockedByQuarantine, std::move(blocked))
      .with_remedy(
          "Fix the column in the pipeline file, or let it pass with rejected_max_rows or "
          "rejected_max of the table");
}

}  // namespace ashore::transform
