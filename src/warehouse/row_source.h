// RowSource gives the rows of one table from one of the places that should hold the same rows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "columnar/row_sum.h"
#include "warehouse/connection.h"

namespace ashore::warehouse {

// What all places of one table have in common.
struct ComparedTable {
  std::string name;
  base::Schema schema;
  std::vector<std::string> key;
  std::optional<std::string> partition_column;
};

// Nothing is the null partition, or the whole table where it is not partitioned.
using PartitionValue = std::optional<std::string>;
// Pure. "day=2022-11-01"; "" where the table is not partitioned.
std::string partition_name(const ComparedTable& shape, const PartitionValue& value);

// Gets some of the rows: all columns of the shape, with the Arrow types of columnar::arrow_type.
using RowSink = std::function<base::Status(const arrow::Table& rows)>;

class RowSource {
 public:
  virtual ~RowSource() = default;
  // Gives each row once, in any order, piece by piece. Errors are those of the place and the
  // sink's; kInterrupted.
  virtual base::Status read_all(const RowSink& sink) = 0;
  // The same for the rows of one partition.
  virtual base::Status read_partition(const PartitionValue& value, const RowSink& sink) = 0;
};

// A table of a database, as the driver streams it; `name` as in statements. All outlive it.
class DatabaseRows final : public RowSource {
 public:
  DatabaseRows(Connection& connection, std::string name, const ComparedTable& shape,
               const std::stop_token& stop)
      : connection_(connection), name_(std::move(name)), shape_(shape), stop_(stop) {}
  base::Status read_all(const RowSink& sink) override;
  base::Status read_partition(const PartitionValue& value, const RowSink& sink) override;

 private:
  base::Status read_where(const std::string& condition, const RowSink& sink);

  Connection& connection_;
  std::string name_;
  const ComparedTable& shape_;
  const std::stop_token& stop_;
};

// By partition; partitions without rows are absent.
using PartitionSums = std::map<PartitionValue, columnar::RowSum>;
// Adds some rows of a table to its sums.
void add_rows(const ComparedTable& shape, const arrow::Table& rows, PartitionSums* sums);
// The sums of a whole place, in one pass. Errors as RowSource::read_all().
base::Result<PartitionSums> sum_rows(const ComparedTable& shape, RowSource& source);
// Pure. Over all partitions.
columnar::RowSum total_of(const PartitionSums& sums);
// Pure. The partitions whose sums differ, in order.
std::vector<PartitionValue> differing_partitions(const PartitionSums& expected,
                                                 const PartitionSums& found);

}  // namespace ashore::warehouse
