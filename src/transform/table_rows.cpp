// Gathers a table's rows as columns and decides a batch's outcomes at a time.
#include "transform/table_rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "base/timestamp.h"
#include "columnar/arrow_schema.h"
#include "columnar/keys.h"
#include "columnar/partition_value.h"
#include "json/text.h"

namespace ashore::transform {

namespace {

using base::Result;

std::size_t at(int index) { return static_cast<std::size_t>(index); }
std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

}  // namespace

TableRows::TableRows(const Plan& plan, int table)
    : table_(&plan.tables[at(table)]), schema_(columnar::arrow_schema(table_->schema)) {
  const auto& columns = table_->table->columns;
  columns_.reserve(columns.size());
  for (std::size_t column = 0; column < columns.size(); ++column) {
    columns_.push_back({0, ColumnValues(columns[column])});
    const auto index = static_cast<int>(column);
    if (columns[column].source == config::ColumnSource::kPath) walked_.push_back(index);
    if (columns[column].source == config::ColumnSource::kPosition) positions_.push_back(index);
  }
}

void TableRows::add_row(std::uint32_t item, std::int64_t parent_row) {
  items_.push_back(item);
  ++count_;
  if (table_->parent >= 0) parent_rows_.push_back(parent_row);
}

void TableRows::begin_row(std::uint32_t item, std::int64_t position, std::int64_t parent_row) {
  add_row(item, parent_row);
  row_filled_ = 0;
  for (const int column : positions_) columns_[at(column)].values.append_integer(position);
}

void TableRows::fail(int column, Rule rule, std::string_view json) {
  failures_.push_back({count() - 1, column, rule, std::string(json)});
}

void TableRows::end_row() {
  if (row_filled_ == walked_.size()) return;
  for (const int column : walked_) {
    auto& [filled, values] = columns_[at(column)];
    if (filled == count()) continue;
    filled = count();
    const auto rule = values.append_absent();
    if (rule != Rule::kNone) failures_.push_back({count() - 1, column, rule, std::nullopt});
  }
}

void TableRows::reject_array(std::uint32_t item, std::int64_t parent_row, std::string_view json) {
  add_row(item, parent_row);
  failures_.push_back({count() - 1, -1, Rule::kNotAnArray, std::string(json)});
  for (const int column : walked_) {
    columns_[at(column)].values.append_null();
    columns_[at(column)].filled = count();
  }
  for (const int column : positions_) columns_[at(column)].values.append_null();
}

// --- columns that come from other columns ---------------------------------------------------

namespace {

base::Date first_day(base::Date day, config::DateUnit unit) {
  const std::chrono::year_month_day date(day);
  if (unit == config::DateUnit::kMonth) return base::Date(date.year() / date.month() / 1);
  if (unit == config::DateUnit::kYear) return base::Date(date.year() / 1 / 1);
  return day;
}

base::Date day_at(const arrow::Array& source, std::int64_t row) {
  if (source.type_id() == arrow::Type::DATE32) {
    return base::Date(std::chrono::days(static_cast<const arrow::Date32Array&>(source).Value(row)));
  }
  const auto micros = static_cast<const arrow::TimestampArray&>(source).Value(row);
  return base::date_of(base::timestamp_of_micros(micros));
}

Result<std::shared_ptr<arrow::Array>> dates_of(const arrow::Array& source, config::DateUnit unit) {
  arrow::Date32Builder builder;
  auto status = builder.Reserve(source.length());
  if (!status.ok()) return columnar::arrow_error(status, "make a date column");
  const bool has_nulls = source.null_count() > 0;
  for (std::int64_t row = 0; row < source.length(); ++row) {
    if (has_nulls && source.IsNull(row)) {
      builder.UnsafeAppendNull();
    } else {
      const auto day = first_day(day_at(source, row), unit);
      builder.UnsafeAppend(static_cast<std::int32_t>(day.time_since_epoch().count()));
    }
  }
  std::shared_ptr<arrow::Array> dates;
  status = builder.Finish(&dates);
  if (!status.ok()) return columnar::arrow_error(status, "make a date column");
  return dates;
}

// The parent's columns as the children see them: one value a child row.
std::shared_ptr<arrow::Table> inherited(const DecidedRows& parent,
                                        const std::vector<std::int64_t>& parent_rows,
                                        const std::vector<int>& columns) {
  auto selected = parent.all->SelectColumns(columns);
  assert(selected.ok());
  return columnar::take_rows(**selected, parent_rows);
}

// One chunk: what was taken from one-chunk tables has one.
std::shared_ptr<arrow::Array> only_chunk(const arrow::ChunkedArray& column) {
  assert(column.num_chunks() == 1);
  return column.chunk(0);
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> TableRows::finish_columns(const DecidedRows* parent) {
  const auto& specs = table_->table->columns;
  arrow::ArrayVector arrays(specs.size());
  std::vector<int> asked;
  for (std::size_t column = 0; column < specs.size(); ++column) {
    if (table_->parent_columns[column] >= 0) asked.push_back(table_->parent_columns[column]);
    const bool is_own = specs[column].source == config::ColumnSource::kPath ||
                        specs[column].source == config::ColumnSource::kPosition;
    if (!is_own) continue;
    auto finished = columns_[column].values.finish();
    // Words only where they are needed: small pages finish more columns than they have rows.
    if (!finished.ok())
      return std::move(finished).error().within("column '" + specs[column].name + "'");
    arrays[column] = std::move(finished).value();
  }
  if (!asked.empty()) {
    const auto taken = inherited(*parent, parent_rows_, asked);
    int next = 0;
    for (std::size_t column = 0; column < specs.size(); ++column) {
      if (table_->parent_columns[column] < 0) continue;
      arrays[column] = only_chunk(*taken->column(next++));
    }
  }
  for (std::size_t column = 0; column < specs.size(); ++column) {
    if (table_->date_columns[column] < 0) continue;
    TRY(arrays[column], dates_of(*arrays[at(table_->date_columns[column])], specs[column].unit));
  }
  return arrow::Table::Make(schema_, arrays, count());
}

// --- outcomes ----------------------------------------------------------------------------------

namespace {

// Decides the outcomes of one batch's rows.
class Judge {
 public:
  Judge(const TablePlan& table, DecidedRows* rows, std::vector<Failure> failures)
      : table_(table), rows_(*rows), failures_(std::move(failures)) {
    rows_.outcomes.assign(at(rows_.rows), RowOutcome::kKept);
  }

  void decide(const DecidedRows* parent) {
    std::ranges::stable_sort(failures_, is_before);
    drop_nulls();
    if (parent != nullptr) drop_with_parents(*parent);
    reject_failures();
    reject_nulls();
    reject_long_keys();
    reject_empty_partitions();
    reject_long_partitions();
    if (parent != nullptr) reject_with_parents(*parent);
    std::ranges::stable_sort(rows_.rejections, {}, &Failure::row);
    for (std::int64_t row = 0; row < rows_.rows; ++row) {
      if (outcome(row) == RowOutcome::kKept) rows_.kept.push_back(row);
    }
  }

 private:
  static bool is_before(const Failure& left, const Failure& right) {
    return left.row != right.row ? left.row < right.row : left.column < right.column;
  }
  RowOutcome& outcome(std::int64_t row) { return rows_.outcomes[at(row)]; }
  [[nodiscard]] const arrow::Array& column(int index) const {
    return *rows_.all->column(index)->chunk(0);
  }
  // Whether a null stands for a value that was refused, or for a row that is none.
  [[nodiscard]] bool has_failed(std::int64_t row, int index) const {
    return std::ranges::binary_search(failures_, Failure{row, index, {}, {}}, is_before) ||
           std::ranges::binary_search(failures_, Failure{row, -1, {}, {}}, is_before);
  }

  void drop_nulls() {
    for (const int index : table_.drop_when_null) {
      const auto& values = column(index);
      if (values.null_count() == 0) continue;
      for (std::int64_t row = 0; row < rows_.rows; ++row) {
        if (values.IsNull(row) && !has_failed(row, index)) outcome(row) = RowOutcome::kDropped;
      }
    }
  }

  void reject(Failure failure) {
    if (outcome(failure.row) != RowOutcome::kKept) return;
    outcome(failure.row) = RowOutcome::kRejected;
    rows_.rejections.push_back(std::move(failure));
  }

  void reject_failures() {
    for (auto& failure : failures_) reject(std::move(failure));
  }

  void reject_nulls() {
    for (const int index : table_.required) {
      const auto& values = column(index);
      if (values.null_count() == 0) continue;
      for (std::int64_t row = 0; row < rows_.rows; ++row) {
        if (values.IsNull(row)) reject({row, index, Rule::kRequired, std::nullopt});
      }
    }
  }

  void reject_long_keys() {
    std::vector<std::int64_t> bytes(at(rows_.rows), 0);
    for (const int index : table_.key) {
      const auto& values = column(index);
      if (values.type_id() != arrow::Type::STRING) {
        for (auto& sum : bytes) sum += 8;
        continue;
      }
      const auto& texts = static_cast<const arrow::StringArray&>(values);
      for (std::int64_t row = 0; row < rows_.rows; ++row) bytes[at(row)] += texts.value_length(row);
    }
    for (std::int64_t row = 0; row < rows_.rows; ++row) {
      if (bytes[at(row)] > kKeyBytesMax) reject({row, table_.key.front(), Rule::kKeyTooLong, {}});
    }
  }

  void reject_empty_partitions() {
    if (table_.partition < 0 || column(table_.partition).type_id() != arrow::Type::STRING) return;
    const auto& values = static_cast<const arrow::StringArray&>(column(table_.partition));
    for (std::int64_t row = 0; row < rows_.rows; ++row) {
      if (values.IsNull(row) || values.value_length(row) > 0) continue;
      reject({row, table_.partition, Rule::kPartitionEmpty, "\"\""});
    }
  }

  void reject_long_partitions() {
    if (table_.partition < 0 || column(table_.partition).type_id() != arrow::Type::STRING) return;
    const auto& name = table_.schema.fields[at(table_.partition)].name;
    const auto& values = static_cast<const arrow::StringArray&>(column(table_.partition));
    for (std::int64_t row = 0; row < rows_.rows; ++row) {
      // An encoded byte takes three.
      const auto bytes_max = name.size() + 1 + 3 * values.GetView(row).size();
      if (bytes_max <= columnar::kFolderBytesMax) continue;
      const auto folder = columnar::partition_folder(name, columnar::partition_text(values, row));
      if (folder.size() <= columnar::kFolderBytesMax) continue;
      std::string json;
      json::append_string(values.GetView(row), &json);
      reject({row, table_.partition, Rule::kPartitionTooLong, std::move(json)});
    }
  }

  [[nodiscard]] RowOutcome parent_outcome(const DecidedRows& parent, std::int64_t row) const {
    return parent.outcomes[at(rows_.parent_rows[at(row)])];
  }

  void drop_with_parents(const DecidedRows& parent) {
    for (std::int64_t row = 0; row < rows_.rows; ++row) {
      if (parent_outcome(parent, row) == RowOutcome::kDropped) outcome(row) = RowOutcome::kDropped;
    }
  }

  void reject_with_parents(const DecidedRows& parent) {
    for (std::int64_t row = 0; row < rows_.rows; ++row) {
      if (parent_outcome(parent, row) != RowOutcome::kRejected) continue;
      reject({row, -1, Rule::kParentRejected, std::nullopt});
    }
  }

  const TablePlan& table_;
  DecidedRows& rows_;
  std::vector<Failure> failures_;
};

}  // namespace

Result<DecidedRows> TableRows::decide(const DecidedRows* parent) {
  DecidedRows decided;
  decided.rows = count();
  if (decided.rows == 0) return decided;
  TRY(decided.all, finish_columns(parent));
  decided.parent_rows = std::exchange(parent_rows_, {});
  decided.items = std::exchange(items_, {});
  count_ = 0;
  for (auto& column : columns_) column.filled = 0;
  Judge(*table_, &decided, std::exchange(failures_, {})).decide(parent);
  return decided;
}

}  // namespace ashore::transform
