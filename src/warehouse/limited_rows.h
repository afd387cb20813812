// LimitedRows gives the rows of another reader in portions: it ends after each, and goes on when
// told.
#pragma once

#include <cstdint>
#include <memory>

#include <arrow/record_batch.h>
#include <arrow/status.h>

namespace ashore::warehouse {

// Threads: one at a time.
class LimitedRows final : public arrow::RecordBatchReader {
 public:
  // A portion ends with the batch that reaches `bytes_max`; batches are cut to 8,192 rows.
  LimitedRows(std::shared_ptr<arrow::RecordBatchReader> rows, std::int64_t bytes_max)
      : rows_(std::move(rows)), bytes_max_(bytes_max) {}

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return rows_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

  // Whether all rows were given, or reading them failed.
  [[nodiscard]] bool is_finished() const { return is_finished_; }
  // Why reading ended early: DuckDB takes a failure for the end.
  [[nodiscard]] const arrow::Status& failure() const { return failure_; }
  // Begins the next portion.
  void go_on() { bytes_ = 0; }

 private:
  std::shared_ptr<arrow::RecordBatchReader> rows_;
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;                       // given in this portion
  std::shared_ptr<arrow::RecordBatch> current_;  // what is left of it is given next
  bool is_finished_ = false;
  arrow::Status failure_;
};

}  // namespace ashore::warehouse
