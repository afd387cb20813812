// Reads the rows of one data file of a table, its partition columns included.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "delta/snapshot.h"
#include "io/object_store.h"

namespace ashore::delta {

// The named columns (all of `schema` if empty) of the file at `path` (relative to the data folder)
// whose action is `file`: partition columns come from the action, the others from Parquet.
// kNotFound: the file is gone; kPermanent: not Parquet or of another schema; the path is named.
base::Result<std::shared_ptr<arrow::Table>> read_rows(io::ObjectStore& store,
                                                      const std::string& path, const AddFile& file,
                                                      const base::Schema& schema,
                                                      const std::vector<std::string>& columns);

}  // namespace ashore::delta
