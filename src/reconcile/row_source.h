// RowSource gives the rows of one table from one of the places that should hold the same rows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "columnar/row_sum.h"
#include "config/pipeline.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "warehouse/connection.h"

namespace ashore::reconcile {

// What all places of one table have in common.
struct TableShape {
  std::string name;
  base::Schema schema;  // text columns that the pipeline calls json are json
  std::vector<std::string> key;
  std::optional<std::string> partition_column;
};

// Pure. The shape of a published table, as its pipeline reads it.
TableShape shape_of(const config::Table& table, const delta::Snapshot& snapshot);

// Nothing is the null partition, or the whole table where it is not partitioned.
using PartitionValue = std::optional<std::string>;
// Pure. "day=2022-11-01"; "" where the table is not partitioned.
std::string partition_name(const TableShape& shape, const PartitionValue& value);

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

// The data files of a version; a file's rows at a time. All outlive it.
class FileRows final : public RowSource {
 public:
  FileRows(io::ObjectStore& store, const TableShape& shape, const delta::Snapshot& snapshot,
           const std::stop_token& stop)
      : store_(store), shape_(shape), snapshot_(snapshot), stop_(stop) {}
  base::Status read_all(const RowSink& sink) override;
  base::Status read_partition(const PartitionValue& value, const RowSink& sink) override;

 private:
  base::Status read_file(const delta::AddFile& file, const RowSink& sink);

  io::ObjectStore& store_;
  const TableShape& shape_;
  const delta::Snapshot& snapshot_;
  const std::stop_token& stop_;
};

// A table of a database, as the driver streams it. All outlive it.
class DatabaseRows final : public RowSource {
 public:
  DatabaseRows(warehouse::Connection& connection, const TableShape& shape,
               const std::stop_token& stop)
      : connection_(connection), shape_(shape), stop_(stop) {}
  base::Status read_all(const RowSink& sink) override;
  base::Status read_partition(const PartitionValue& value, const RowSink& sink) override;

 private:
  base::Status read_where(const std::string& condition, const RowSink& sink);

  warehouse::Connection& connection_;
  const TableShape& shape_;
  const std::stop_token& stop_;
};

// Pure. A table's name in statements of a dialect; quoted.
std::string table_in(warehouse::Dialect dialect, const std::string& name);

// By partition; partitions without rows are absent.
using PartitionSums = std::map<PartitionValue, columnar::RowSum>;
// Adds some rows of a table to its sums.
void add_rows(const TableShape& shape, const arrow::Table& rows, PartitionSums* sums);
// The sums of a whole place, in one pass. Errors as RowSource::read_all().
base::Result<PartitionSums> sum_rows(const TableShape& shape, RowSource& source);
// Pure. Over all partitions.
columnar::RowSum total_of(const PartitionSums& sums);

}  // namespace ashore::reconcile
