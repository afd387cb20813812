// Picks columns of each batch by index; no value is copied.
#include "warehouse/reordered_rows.h"

#include <arrow/api.h>

namespace ashore::warehouse {

namespace {

class ReorderedReader final : public arrow::RecordBatchReader {
 public:
  ReorderedReader(std::shared_ptr<arrow::RecordBatchReader> rows,
                  std::shared_ptr<arrow::Schema> schema, std::vector<int> columns)
      : rows_(std::move(rows)), schema_(std::move(schema)), columns_(std::move(columns)) {}

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    std::shared_ptr<arrow::RecordBatch> next;
    ARROW_RETURN_NOT_OK(rows_->ReadNext(&next));
    *batch = nullptr;
    if (next == nullptr) return arrow::Status::OK();
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (const int index : columns_) columns.push_back(next->column(index));
    *batch = arrow::RecordBatch::Make(schema_, next->num_rows(), std::move(columns));
    return arrow::Status::OK();
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> rows_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> columns_;
};

}  // namespace

base::Result<std::shared_ptr<arrow::RecordBatchReader>> reordered_rows(
    std::shared_ptr<arrow::RecordBatchReader> rows, const std::vector<std::string>& names) {
  const auto schema = rows->schema();
  if (schema->field_names() == names) return rows;
  std::vector<int> columns;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& name : names) {
    const int index = schema->GetFieldIndex(name);
    if (index < 0) return base::permanent("rows lack a column of the table: '" + name + "'");
    columns.push_back(index);
    fields.push_back(schema->field(index));
  }
  if (names.size() != static_cast<std::size_t>(schema->num_fields())) {
    return base::permanent("rows have a column that the table has not");
  }
  return std::make_shared<ReorderedReader>(std::move(rows), arrow::schema(std::move(fields)),
                                           std::move(columns));
}

}  // namespace ashore::warehouse
