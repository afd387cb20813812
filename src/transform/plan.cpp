// Builds the tree of paths, table by table.
#include "transform/plan.h"

#include <algorithm>
#include <cassert>

#include "json/text.h"

namespace ashore::transform {

namespace {

int add_node(Plan* plan, std::string path) {
  plan->nodes.emplace_back();
  plan->nodes.back().path = std::move(path);
  return static_cast<int>(plan->nodes.size()) - 1;
}

PathNode& node_at(Plan* plan, int index) { return plan->nodes[static_cast<std::size_t>(index)]; }

// The node of a member, made where there is none.
int member(Plan* plan, int from, const std::string& token) {
  for (const auto& [key, node] : node_at(plan, from).members) {
    if (key == token) return node;
  }
  const int made = add_node(plan, node_at(plan, from).path + "/" + json::pointer_token(token));
  node_at(plan, from).members.emplace_back(token, made);
  return made;
}

int follow(Plan* plan, int from, const json::Pointer& pointer) {
  for (const auto& token : pointer.tokens()) from = member(plan, from, token);
  return from;
}

int element_of(Plan* plan, int array) {
  if (node_at(plan, array).element < 0) {
    const int made = add_node(plan, node_at(plan, array).path + "/*");
    node_at(plan, array).element = made;
  }
  return node_at(plan, array).element;
}

int index_of(const config::Table& table, const std::string& column) {
  const auto found = std::ranges::find(table.columns, column, &config::Column::name);
  assert(found != table.columns.end());
  return static_cast<int>(found - table.columns.begin());
}

std::vector<int> indices_of(const config::Table& table, const std::vector<std::string>& columns) {
  std::vector<int> indices;
  for (const auto& column : columns) indices.push_back(index_of(table, column));
  return indices;
}

// Where one table's rows lie and what they take.
class TablePlanner {
 public:
  TablePlanner(Plan* plan, std::vector<int>* row_nodes) : plan_(plan), row_nodes_(row_nodes) {}

  void add(const config::Table& table) {
    const int index = static_cast<int>(plan_->tables.size());
    TablePlan planned;
    planned.table = &table;
    planned.schema = table.schema();
    if (table.parent) planned.parent = parent_index(*table.parent);
    const int row_node = place(table, index, &planned);
    row_nodes_->push_back(row_node);
    node_at(plan_, row_node).tables.push_back(index);
    add_columns(table, index, row_node, &planned);
    planned.key = indices_of(table, table.key);
    if (table.partition_by) planned.partition = indices_of(table, {*table.partition_by}).front();
    planned.drop_when_null = indices_of(table, table.drop_when_null);
    if (planned.parent >= 0) {
      plan_->tables[static_cast<std::size_t>(planned.parent)].children.push_back(index);
    }
    plan_->tables.push_back(std::move(planned));
  }

 private:
  [[nodiscard]] int parent_index(const std::string& name) const {
    const auto found = std::ranges::find_if(
        plan_->tables, [&](const TablePlan& planned) { return planned.table->name == name; });
    assert(found != plan_->tables.end());
    return static_cast<int>(found - plan_->tables.begin());
  }

  // The node whose values are the table's rows.
  int place(const config::Table& table, int index, TablePlan* planned) {
    if (planned->parent < 0) return 0;
    int node = (*row_nodes_)[static_cast<std::size_t>(planned->parent)];
    for (const auto& pointer : table.each) {
      const int array = follow(plan_, node, pointer);
      node_at(plan_, array).arrays_of.push_back(index);
      planned->arrays.push_back(array);
      node = element_of(plan_, array);
    }
    return node;
  }

  void add_columns(const config::Table& table, int index, int row_node, TablePlan* planned) {
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      const auto& spec = table.columns[column];
      const auto column_index = static_cast<int>(column);
      int path_node = -1;
      if (spec.source == config::ColumnSource::kPath) {
        path_node = follow(plan_, row_node, spec.path);
        node_at(plan_, path_node).columns.push_back({index, column_index});
      }
      planned->path_nodes.push_back(path_node);
      planned->parent_columns.push_back(parent_column(spec, *planned));
      const bool is_date = spec.source == config::ColumnSource::kDateOf;
      planned->date_columns.push_back(is_date ? index_of(table, spec.of) : -1);
      if (!planned->schema.fields[column].is_nullable) planned->required.push_back(column_index);
    }
  }

  [[nodiscard]] int parent_column(const config::Column& column, const TablePlan& planned) const {
    if (column.source != config::ColumnSource::kParent) return -1;
    assert(planned.parent >= 0);
    return index_of(*plan_->tables[static_cast<std::size_t>(planned.parent)].table, column.of);
  }

  Plan* plan_;
  std::vector<int>* row_nodes_;
};

bool has_json_column(const Plan& plan, const PathNode& node) {
  return std::ranges::any_of(node.columns, [&](const ColumnTarget& target) {
    const auto& table = plan.tables[static_cast<std::size_t>(target.table)];
    const auto& column = table.table->columns[static_cast<std::size_t>(target.column)];
    return column.type.kind == base::TypeKind::kJson;
  });
}

// Children come after their parents in no fixed order, so the mark is handed down from the root.
void mark_under_json(Plan* plan, int index, bool is_under_json) {
  auto& node = node_at(plan, index);
  node.is_under_json = is_under_json || has_json_column(*plan, node);
  if (node.element >= 0) mark_under_json(plan, node.element, node.is_under_json);
  for (const auto& [key, child] : node.members) mark_under_json(plan, child, node.is_under_json);
}

}  // namespace

Plan make_plan(const config::Pipeline& pipeline) {
  Plan plan;
  (void)add_node(&plan, "");
  std::vector<int> row_nodes;
  TablePlanner planner(&plan, &row_nodes);
  for (const auto& table : pipeline.tables) planner.add(table);
  mark_under_json(&plan, 0, false);
  return plan;
}

}  // namespace ashore::transform
