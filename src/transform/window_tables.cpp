// Joins pages and deduplicates rows.
// Row numbers run over all batches of a table, so order of arrival is order of number.
#include "transform/window_tables.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "columnar/arrow_schema.h"
#include "columnar/keys.h"
#include "columnar/ordered_values.h"

namespace ashore::transform {

namespace {

using base::Result;
using base::Status;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

Result<std::shared_ptr<arrow::Table>> joined(
    const std::vector<std::shared_ptr<arrow::Table>>& parts, const base::Schema& schema) {
  auto whole = parts.empty() ? arrow::Table::MakeEmpty(columnar::arrow_schema(schema))
                             : arrow::ConcatenateTables(parts);
  if (!whole.ok()) return columnar::arrow_error(whole.status(), "join the rows of pages");
  return whole.MoveValueUnsafe();
}

base::Schema key_schema(const TablePlan& table) {
  base::Schema schema;
  for (const int column : table.key) {
    auto field = table.schema.fields[at(column)];
    field.is_nullable = false;
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

// One table's rows of all pages, with the number of each row's parent.
struct JoinedRows {
  std::shared_ptr<arrow::Table> rows;
  std::vector<std::int64_t> parents;
};

Result<JoinedRows> join_table(const Plan& plan, std::size_t index, std::vector<PageRows>* pages) {
  const auto& table = plan.tables[index];
  JoinedRows result;
  std::vector<std::shared_ptr<arrow::Table>> parts;
  std::int64_t parents_before = 0;
  for (auto& page : *pages) {
    auto& batches = page.tables[index].batches;
    for (std::size_t batch = 0; batch < batches.size(); ++batch) {
      for (const auto parent : batches[batch].parents) {
        result.parents.push_back(parents_before + parent);
      }
      if (batches[batch].rows != nullptr) parts.push_back(batches[batch].rows);
      if (table.parent < 0) continue;
      parents_before += page.tables[at(table.parent)].batches[batch].count();
    }
  }
  TRY(result.rows, joined(parts, table.schema));
  return result;
}

// Goes through the keys in order and lets one row of each stay.
class Deduplicator {
 public:
  Deduplicator(const TablePlan& table, const JoinedRows& joined,
               const std::vector<bool>* parents_stay)
      : joined_(joined),
        parents_stay_(parents_stay),
        keys_(columnar::KeyColumn::encode(*joined.rows, table.table->key)),
        replacement_(table, *joined.rows) {}

  std::vector<std::int64_t> deduplicate() {
    std::vector<std::int64_t> staying;
    for (const auto row : keys_.order()) {
      if (!may_stay(row)) continue;
      const bool is_repeated = !staying.empty() && keys_.at(staying.back()) == keys_.at(row);
      if (!is_repeated) {
        staying.push_back(row);
      } else if (replacement_.is_by(row, staying.back())) {
        staying.back() = row;
      }
    }
    return staying;
  }

 private:
  [[nodiscard]] bool may_stay(std::int64_t row) const {
    return parents_stay_ == nullptr || (*parents_stay_)[at(joined_.parents[at(row)])];
  }

  const JoinedRows& joined_;
  const std::vector<bool>* parents_stay_;
  columnar::KeyColumn keys_;
  Replacement replacement_;
};

Result<std::shared_ptr<arrow::Table>> join_rejected_keys(const TablePlan& table, std::size_t index,
                                                         const std::vector<PageRows>& pages) {
  std::vector<std::shared_ptr<arrow::Table>> parts;
  for (const auto& page : pages) {
    const auto& keys = page.tables[index].rejected_keys;
    parts.insert(parts.end(), keys.begin(), keys.end());
  }
  return join_keys(table, parts);
}

Status append_key(const std::string& key, arrow::ArrayBuilder* builder) {
  if (builder->type()->id() == arrow::Type::STRING) {
    const auto status = static_cast<arrow::StringBuilder&>(*builder).Append(key);
    return status.ok() ? Status() : columnar::arrow_error(status, "keep a key");
  }
  // A key that is no such number is no key of this table.
  const auto number = arrow::Scalar::Parse(builder->type(), key);
  if (!number.ok()) return {};
  const auto status = builder->AppendScalar(**number);
  return status.ok() ? Status() : columnar::arrow_error(status, "keep a key");
}

Result<std::shared_ptr<arrow::Table>> key_table(const base::Schema& schema,
                                                const std::vector<std::string>& keys) {
  const auto arrow_schema = columnar::arrow_schema(schema);
  auto builder = arrow::MakeBuilder(arrow_schema->field(0)->type());
  if (!builder.ok()) return columnar::arrow_error(builder.status(), "keep the keys of a lookup");
  for (const auto& key : keys) TRY(append_key(key, builder->get()));
  auto column = (*builder)->Finish();
  if (!column.ok()) return columnar::arrow_error(column.status(), "keep the keys of a lookup");
  return arrow::Table::Make(arrow_schema, {*column});
}

}  // namespace

Replacement::Replacement(const TablePlan& table, const arrow::Table& rows) : table_(*table.table) {
  if (table_.keep == config::Keep::kLatest) values_.emplace(*rows.GetColumnByName(table_.latest));
}

bool Replacement::is_by(std::int64_t later, std::int64_t earlier) const {
  if (values_) return !values_->is_less(later, *values_, earlier);
  return table_.keep == config::Keep::kLast;
}

Result<std::shared_ptr<arrow::Table>> join_keys(
    const TablePlan& table, const std::vector<std::shared_ptr<arrow::Table>>& keys) {
  TRY(const auto all, joined(keys, key_schema(table)));
  const auto encoded = columnar::KeyColumn::encode(*all, table.table->key);
  std::vector<std::int64_t> once;
  for (const auto row : encoded.order()) {
    if (once.empty() || encoded.at(once.back()) != encoded.at(row)) once.push_back(row);
  }
  return columnar::take_rows(*all, once);
}

void order_by_partition(const Plan& plan, std::vector<WindowTable>* tables) {
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    const auto& table = *plan.tables[index].table;
    if (!table.partition_by) continue;
    auto& window = (*tables)[index];
    auto columns = plan.tables[index].key;
    columns.push_back(plan.tables[index].partition);
    std::ranges::sort(columns);
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    const auto selected = window.rows->SelectColumns(columns);
    assert(selected.ok());
    const auto rows = columnar::take_rows(**selected, window.order);
    const auto keys =
        columnar::KeyColumn::encode_in_partitions(*rows, table.partition_by, table.key);
    std::vector<std::int64_t> order;
    order.reserve(window.order.size());
    for (const auto row : keys.order()) order.push_back(window.order[at(row)]);
    window.order = std::move(order);
  }
}

Status add_asked_keys(const Plan& plan, const config::Items& items,
                      const std::vector<std::string>& keys, std::vector<WindowTable>* tables) {
  if (keys.empty()) return {};
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    const auto& table = plan.tables[index];
    if (config::lookup_column(items, *table.table) == nullptr) continue;
    TRY((*tables)[index].asked_keys, key_table(key_schema(table), keys));
  }
  return {};
}

Result<std::vector<WindowTable>> join_pages(const Plan& plan, std::vector<PageRows>* pages) {
  std::vector<WindowTable> tables;
  std::vector<std::vector<bool>> stays(plan.tables.size());
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    const auto& table = plan.tables[index];
    TRY(auto joined, join_table(plan, index, pages));
    const auto* parents_stay = table.parent < 0 ? nullptr : &stays[at(table.parent)];
    WindowTable window;
    window.order = Deduplicator(table, joined, parents_stay).deduplicate();
    const auto rows = joined.rows->num_rows();
    window.dropped_duplicate = rows - static_cast<std::int64_t>(window.order.size());
    stays[index].assign(at(rows), false);
    for (const auto row : window.order) stays[index][at(row)] = true;
    window.rows = std::move(joined.rows);
    window.parents = std::move(joined.parents);
    TRY(window.rejected_keys, join_rejected_keys(table, index, *pages));
    tables.push_back(std::move(window));
  }
  for (auto& page : *pages) {
    for (auto& table : page.tables) table.batches.clear();
  }
  return tables;
}

}  // namespace ashore::transform
