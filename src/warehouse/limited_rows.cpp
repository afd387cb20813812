// Counts what the arrays of a batch refer to, so that slices count as what they are.
#include "warehouse/limited_rows.h"

#include <arrow/api.h>
#include <arrow/util/byte_size.h>

#include <algorithm>

namespace ashore::warehouse {

namespace {

constexpr std::int64_t kBatchRowsMax = 8'192;

}  // namespace

arrow::Status LimitedRows::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  *batch = nullptr;
  if (is_finished_ || bytes_ >= bytes_max_) return arrow::Status::OK();
  while (current_ == nullptr || current_->num_rows() == 0) {
    failure_ = rows_->ReadNext(&current_);
    is_finished_ = !failure_.ok() || current_ == nullptr;
    ARROW_RETURN_NOT_OK(failure_);
    if (is_finished_) return arrow::Status::OK();
  }
  const auto rows = std::min(kBatchRowsMax, current_->num_rows());
  *batch = current_->Slice(0, rows);
  current_ = current_->Slice(rows);
  ARROW_ASSIGN_OR_RAISE(const auto bytes, arrow::util::ReferencedBufferSize(**batch));
  bytes_ += bytes;
  return arrow::Status::OK();
}

}  // namespace ashore::warehouse
