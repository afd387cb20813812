// Portions together are all rows, in order.
#include "warehouse/limited_rows.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <numeric>

namespace ashore::warehouse {
namespace {

std::shared_ptr<arrow::RecordBatchReader> numbers(const std::vector<std::int64_t>& batch_rows) {
  arrow::RecordBatchVector batches;
  const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
  std::int64_t next = 0;
  for (const auto rows : batch_rows) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(rows));
    std::iota(values.begin(), values.end(), next);
    next += rows;
    arrow::Int64Builder builder;
    EXPECT_TRUE(builder.AppendValues(values).ok());
    batches.push_back(arrow::RecordBatch::Make(schema, rows, {builder.Finish().ValueOrDie()}));
  }
  return arrow::RecordBatchReader::Make(batches, schema).ValueOrDie();
}

// The rows of each portion; numbers must go on from one to the next.
std::vector<std::int64_t> portions(const std::vector<std::int64_t>& batch_rows,
                                   std::int64_t bytes_max) {
  LimitedRows limited(numbers(batch_rows), bytes_max);
  std::vector<std::int64_t> rows;
  std::int64_t next = 0;
  for (; !limited.is_finished(); limited.go_on()) {
    rows.push_back(0);
    std::shared_ptr<arrow::RecordBatch> batch;
    while (limited.ReadNext(&batch).ok() && batch != nullptr) {
      EXPECT_LE(batch->num_rows(), 8'192);
      const auto& values = static_cast<const arrow::Int64Array&>(*batch->column(0));
      for (std::int64_t row = 0; row < batch->num_rows(); ++row)
        EXPECT_EQ(values.Value(row), next++);
      rows.back() += batch->num_rows();
    }
  }
  EXPECT_EQ(next, std::accumulate(batch_rows.begin(), batch_rows.end(), std::int64_t{0}));
  return rows;
}

TEST(LimitedRowsTest, APortionEndsWithTheBatchThatReachesTheLimit) {
  using Rows = std::vector<std::int64_t>;
  EXPECT_EQ(portions({10, 10, 10}, 160), (Rows{20, 10}));
  EXPECT_EQ(portions({10, 10, 10}, 161), (Rows{30, 0}));
  EXPECT_EQ(portions({10, 10, 10}, 241), (Rows{30}));
  EXPECT_EQ(portions({20'000, 1}, 65'536), (Rows{8'192, 8'192, 3'617}));
  EXPECT_EQ(portions({}, 100), (Rows{0}));
  EXPECT_EQ(portions({0, 3, 0}, 100), (Rows{3}));
  EXPECT_EQ(portions({5}, 40), (Rows{5, 0})) << "nobody knew that it was the last";
}

class Broken final : public arrow::RecordBatchReader {
 public:
  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override {
    return arrow::schema({arrow::field("n", arrow::int64())});
  }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>*) override {
    return arrow::Status::IOError("the disk is gone");
  }
};

TEST(LimitedRowsTest, AFailureEndsThemAndIsKept) {
  LimitedRows limited(std::make_shared<Broken>(), 100);
  std::shared_ptr<arrow::RecordBatch> batch;
  EXPECT_FALSE(limited.ReadNext(&batch).ok());
  EXPECT_TRUE(limited.is_finished());
  EXPECT_FALSE(limited.failure().ok());
}

}  // namespace
}  // namespace ashore::warehouse
