// Says what a change of the pipeline's columns means for a published table.
#pragma once

#include "base/result.h"
#include "config/pipeline.h"
#include "delta/snapshot.h"

namespace ashore::merge {

enum class SchemaChange {
  kNone,
  kNewNullableColumns,  // every file is written again in this commit
};

// Pure. Compares the table as the pipeline says it with the published one. kPermanent: any other
// difference (a column gone or of another type, null rules, order, partitioning), all of them
// named.
base::Result<SchemaChange> compare_schemas(const delta::Snapshot& published,
                                           const config::Table& table);

}  // namespace ashore::merge
