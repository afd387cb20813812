// Reads data files one after another.
#include "reconcile/file_rows.h"

#include <arrow/api.h>

#include "delta/rows.h"
#include "state/run_folder.h"

namespace ashore::reconcile {

using base::Status;
using warehouse::ComparedTable;
using warehouse::PartitionValue;
using warehouse::RowSink;

ComparedTable shape_of(const config::Table& table, const delta::Snapshot& snapshot) {
  ComparedTable shape{table.name, table.with_json(snapshot.schema), table.key, {}};
  if (snapshot.partition_columns.size() == 1) {
    shape.partition_column = snapshot.partition_columns.front();
  }
  return shape;
}

PartitionValue partition_of(const ComparedTable& shape, const delta::AddFile& file) {
  for (const auto& [name, value] : file.partition_values) {
    if (shape.partition_column == name) return value;
  }
  return std::nullopt;
}

Status FileRows::read_file(const delta::AddFile& file, const RowSink& sink) {
  if (stop_.stop_requested()) {
    return base::Error(base::ErrorKind::kInterrupted, "reading rows was stopped");
  }
  const auto path = state::table_folder(shape_.name) + "/" + file.path;
  TRY(const auto rows, delta::read_rows(store_, path, file, shape_.schema, {}));
  return sink(*rows);
}

Status FileRows::read_all(const RowSink& sink) {
  for (const auto& file : snapshot_.files) TRY(read_file(file, sink));
  return {};
}

Status FileRows::read_partition(const PartitionValue& value, const RowSink& sink) {
  for (const auto& file : snapshot_.files) {
    if (partition_of(shape_, file) == value) TRY(read_file(file, sink));
  }
  return {};
}

}  // namespace ashore::reconcile
