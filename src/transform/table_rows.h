// TableRows gathers one table's rows of a batch and says which are kept, dropped or rejected.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transform/column_values.h"
#include "transform/plan.h"
#include "transform/rule.h"

namespace ashore::transform {

enum class RowOutcome : std::uint8_t { kKept, kDropped, kRejected };

// Why a row is rejected. Column -1: the row's array, or its parent.
struct Failure {
  std::int64_t row = 0;
  int column = -1;
  Rule rule = Rule::kNone;
  std::optional<std::string> value;  // exact JSON text
};

// A batch's rows of one table, outcomes decided.
struct DecidedRows {
  std::int64_t rows = 0;
  std::shared_ptr<arrow::Table> all;      // every row, refused values as null; absent without rows
  std::vector<RowOutcome> outcomes;       // by row
  std::vector<std::int64_t> kept;         // row numbers
  std::vector<std::int64_t> parent_rows;  // by row: the parent's row in this batch; child tables
  std::vector<std::uint32_t> items;       // by row: the item in this batch
  std::vector<Failure> rejections;        // one a rejected row, by row
};

// Threads: one at a time. The plan must outlive it.
class TableRows {
 public:
  TableRows(const Plan& plan, int table);

  [[nodiscard]] std::int64_t count() const { return count_; }
  // Rows end before the next of this table begins.
  void begin_row(std::uint32_t item, std::int64_t position, std::int64_t parent_row);
  // The value of a column in the row that was begun; the text must outlive decide().
  void take(int column, std::string_view json, bool has_escapes) {
    auto& into = columns_[static_cast<std::size_t>(column)];
    const auto rows = count();
    auto rule = Rule::kDuplicateField;
    if (into.filled < rows) {
      into.filled = rows;
      ++row_filled_;
      rule = into.values.append(json, has_escapes);
    }
    if (rule != Rule::kNone) fail(column, rule, json);
  }
  void end_row();
  // A row that stands for something that is no array.
  void reject_array(std::uint32_t item, std::int64_t parent_row, std::string_view json);

  // All rows since the last call, and begins anew. `parent` is the parent's, of the same batch.
  // Errors: as ColumnValues::finish().
  base::Result<DecidedRows> decide(const DecidedRows* parent);

 private:
  void add_row(std::uint32_t item, std::int64_t parent_row);
  void fail(int column, Rule rule, std::string_view json);
  base::Result<std::shared_ptr<arrow::Table>> finish_columns(const DecidedRows* parent);

  const TablePlan* table_;
  std::shared_ptr<arrow::Schema> schema_;
  struct Column {
    std::int64_t filled = 0;  // how many rows of it are filled
    ColumnValues values;
  };
  std::vector<Column> columns_;  // those not of paths stay empty
  std::int64_t count_ = 0;       // of rows
  std::size_t row_filled_ = 0;   // columns of paths that the last row has a value of
  std::vector<int> walked_;      // columns of paths
  std::vector<int> positions_;   // columns of positions
  std::vector<std::uint32_t> items_;
  std::vector<std::int64_t> parent_rows_;
  std::vector<Failure> failures_;
};

}  // namespace ashore::transform
