// Plan is how an item is read: one tree of the paths that all tables name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/schema.h"
#include "config/pipeline.h"

namespace ashore::transform {

// A column that takes a node's value: indices into Plan::tables and Table::columns.
struct ColumnTarget {
  int table = 0;
  int column = 0;
};

// A place in an item. Index 0 is the item itself.
struct PathNode {
  std::string path;  // from the item, arrays as "/*": "/lines/*/sku"
  std::vector<ColumnTarget> columns;
  std::vector<std::pair<std::string, int>> members;  // key (or array index), node
  int element = -1;            // the node of each element, where rows lie in this array
  std::vector<int> tables;     // tables that have one row for each value here
  std::vector<int> arrays_of;  // tables whose `each` goes through this array
  bool is_under_json = false;  // a json column holds this value: nothing in it is unmapped
};

struct TablePlan {
  const config::Table* table = nullptr;
  base::Schema schema;
  int parent = -1;                  // index of the parent's table, -1 for tables of items
  std::vector<int> children;        // indices of child tables
  std::vector<int> parent_columns;  // by column: index in the parent's columns, or -1
  std::vector<int> date_columns;    // by column: index of the column it is the date of, or -1
  std::vector<int> path_nodes;      // by column: the node of its path, or -1
  std::vector<int> key;             // column indices
  int partition = -1;               // index of the column that partitions the table, or -1
  std::vector<int> required;        // column indices that may not be null, keys included
  std::vector<int> drop_when_null;  // column indices
  std::vector<int> arrays;          // child tables: the nodes of `each`, outermost first
};

// Views of the pipeline: it must outlive the plan. Immutable once made; threads may share it.
struct Plan {
  std::vector<PathNode> nodes;
  std::vector<TablePlan> tables;  // parents before children, as in the pipeline
};

// Pure. Precondition: the pipeline is as its reader leaves it (names exist, parents come first).
Plan make_plan(const config::Pipeline& pipeline);

}  // namespace ashore::transform
