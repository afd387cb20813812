// The rows of a published table's data files, as one of the places that should hold the same rows.
#pragma once

#include <stop_token>

#include "config/pipeline.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "warehouse/row_source.h"

namespace ashore::reconcile {

// Pure. A published table, as its pipeline reads it.
warehouse::ComparedTable shape_of(const config::Table& table, const delta::Snapshot& snapshot);

// Pure. The partition that a file of the table holds.
warehouse::PartitionValue partition_of(const warehouse::ComparedTable& shape,
                                       const delta::AddFile& file);

// The data files of a version; a file's rows at a time. All outlive it.
class FileRows final : public warehouse::RowSource {
 public:
  FileRows(io::ObjectStore& store, const warehouse::ComparedTable& shape,
           const delta::Snapshot& snapshot, const std::stop_token& stop)
      : store_(store), shape_(shape), snapshot_(snapshot), stop_(stop) {}
  base::Status read_all(const warehouse::RowSink& sink) override;
  base::Status read_partition(const warehouse::PartitionValue& value,
                              const warehouse::RowSink& sink) override;

 private:
  base::Status read_file(const delta::AddFile& file, const warehouse::RowSink& sink);

  io::ObjectStore& store_;
  const warehouse::ComparedTable& shape_;
  const delta::Snapshot& snapshot_;
  const std::stop_token& stop_;
};

}  // namespace ashore::reconcile
