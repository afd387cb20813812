// Follows columns to paths: through parents, and through the columns that dates are taken of.
#include "report/column_origins.h"

#include <algorithm>
#include <cassert>

namespace ashore::report {

namespace {

using config::Column;
using config::ColumnSource;
using config::Pipeline;
using config::Table;

const Table& parent_of(const Pipeline& pipeline, const Table& table) {
  assert(table.parent.has_value());
  const auto parent = std::ranges::find(pipeline.tables, *table.parent, &Table::name);
  assert(parent != pipeline.tables.end());
  return *parent;
}

// Where a table's rows lie: "" for items, "/cores/*" for elements of their array.
std::string rows_place(const Pipeline& pipeline, const Table& table) {
  if (!table.parent) return "";
  auto place = rows_place(pipeline, parent_of(pipeline, table));
  for (const auto& array : table.each) place += array.to_string() + "/*";
  return place;
}

bool is_kept_as_it_is(const Column& column) {
  return column.from == config::From::kJson && !column.default_json && column.format.empty() &&
         column.time_zone.empty() && column.null_when.empty();
}

ColumnOrigin column_origin(const Pipeline& pipeline, const Table& table, const Column& column) {
  switch (column.source) {
    case ColumnSource::kParent: {
      const auto& parent = parent_of(pipeline, table);
      auto origin = column_origin(pipeline, parent, parent.column(column.of));
      origin.column = column.name;
      return origin;
    }
    case ColumnSource::kDateOf: {
      auto origin = column_origin(pipeline, table, table.column(column.of));
      return {column.name, std::move(origin.place), true};
    }
    case ColumnSource::kPosition:
      return {column.name, rows_place(pipeline, table), true};
    case ColumnSource::kPath:
      break;
  }
  return {column.name, rows_place(pipeline, table) + column.path.to_string(),
          !is_kept_as_it_is(column)};
}

}  // namespace

std::vector<ColumnOrigin> column_origins(const Pipeline& pipeline, const Table& table) {
  std::vector<ColumnOrigin> origins;
  for (const auto& column : table.columns)
    origins.push_back(column_origin(pipeline, table, column));
  assert(origins.size() == table.columns.size());
  return origins;
}

}  // namespace ashore::report
