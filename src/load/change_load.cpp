// Deletes, updates and inserts by key. What others did to these rows meanwhile is put right; what
// they did to other rows is seen by the number of rows alone.
#include "load/change_load.h"

#include <arrow/api.h>

#include <string>
#include <utility>
#include <vector>

#include "columnar/arrow_schema.h"
#include "load/small_answer.h"

namespace ashore::load {

namespace {

using base::Result;
using base::Status;
using warehouse::Dialect;

// Some of the changed rows, as a reader of some of the target's columns.
class ChangeReader final : public arrow::RecordBatchReader {
 public:
  ChangeReader(std::shared_ptr<arrow::Table> rows, std::shared_ptr<arrow::Schema> schema,
               const std::stop_token& stop)
      : rows_(std::move(rows)), schema_(std::move(schema)), batches_(*rows_), stop_(stop) {
    constexpr std::int64_t kBatchRowsMax = 65'536;
    batches_.set_chunksize(kBatchRowsMax);
  }

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (stop_.stop_requested()) return arrow::Status::Cancelled("load was stopped");
    ARROW_RETURN_NOT_OK(batches_.ReadNext(batch));
    if (*batch == nullptr) return arrow::Status::OK();
    *batch = arrow::RecordBatch::Make(schema_, (*batch)->num_rows(), (*batch)->columns());
    return arrow::Status::OK();
  }

 private:
  std::shared_ptr<arrow::Table> rows_;
  std::shared_ptr<arrow::Schema> schema_;
  arrow::TableBatchReader batches_;
  std::stop_token stop_;
};

// Makes a temporary table of some of the target's columns and appends those of `rows` to it.
Status stage(const TableContext& context, const Target& target, std::string_view name,
             const std::vector<std::string>& columns, const arrow::Table& rows) {
  std::vector<int> indexes;
  base::Schema wanted;
  for (const auto& column : columns) {
    const auto index = *target.schema.index_of(column);
    // The target's columns come first, in its order: there may be another `_change` behind them.
    indexes.push_back(static_cast<int>(index));
    wanted.fields.push_back(target.schema.fields[index]);
  }
  const auto some = rows.SelectColumns(indexes);
  if (!some.ok()) return columnar::arrow_error(some.status(), "read changed rows");
  TRY(context.connection.execute(create_temporary(target, name, columns)));
  const auto reader =
      std::make_shared<ChangeReader>(*some, columnar::arrow_schema(wanted), context.stop);
  auto appended = context.connection.append(name, true, reader);
  if (context.stop.stop_requested()) {
    return base::Error(base::ErrorKind::kInterrupted, "load was stopped");
  }
  if (!appended.ok()) return appended.error();
  if (target.dialect == Dialect::kPostgreSql) {
    // Temporary tables have no statistics of their own; without them joins may nest loops.
    TRY(context.connection.execute("ANALYZE " + std::string(name)));
  }
  return {};
}

Result<std::int64_t> delete_rows(const TableContext& context, const Target& target,
                                 const arrow::Table& rows) {
  if (rows.num_rows() == 0) return std::int64_t{0};
  TRY(stage(context, target, kGone, target.key, rows));
  TRY(const auto deleted, context.connection.execute(delete_listed(target)));
  TRY(context.connection.execute(drop_temporary(kGone)));
  return deleted;
}

}  // namespace

Status check_unique(warehouse::Connection& connection, const Target& target) {
  if (target.dialect != Dialect::kDuckDb) return {};
  TRY(const auto held, query_number(connection, count_staged_rows(target)));
  TRY(const auto staged, query_number(connection, "SELECT count(*) FROM " + std::string(kStage)));
  if (held == staged) return {};
  return base::permanent("table in the destination holds keys more than once: " + target.name)
      .with_remedy(
          "Another program inserted rows; 'ashore reconcile --repair' names them and writes them "
          "anew, or drop the table and load again");
}

Result<RowCounts> apply_changes(const TableContext& context, const Target& target,
                                const delta::ChangedRows& changes) {
  auto& connection = context.connection;
  RowCounts counts;
  TRY(counts.deleted, delete_rows(context, target, *changes.rows->Slice(changes.upserted)));
  if (changes.upserted == 0) return counts;
  std::vector<std::string> columns;
  for (const auto& field : target.schema.fields) columns.push_back(field.name);
  TRY(stage(context, target, kStage, columns, *changes.rows->Slice(0, changes.upserted)));
  const std::string update = update_changed(target);
  if (!update.empty()) {
    TRY(counts.updated, connection.execute(update));
  }
  TRY(counts.inserted, connection.execute(insert_missing(target)));
  TRY(check_unique(connection, target));
  TRY(connection.execute(drop_temporary(kStage)));
  return counts;
}

}  // namespace ashore::load
