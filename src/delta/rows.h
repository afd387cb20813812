// Reads the rows of one data file of a table, its partition columns included.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "columnar/parquet_file.h"
#include "delta/snapshot.h"
#include "io/object_store.h"

namespace ashore::delta {

// The named columns (all of `schema` if empty) of the file at `path` (relative to the data folder)
// whose action is `file`: partition columns come from the action, the others from Parquet.
// A file whose name holds the digest of its content (part-<32 hex>.parquet) is verified where it is
// read whole, the checksums of its pages else. kNotFound: the file is gone; kPermanent: damaged,
// not Parquet, of another schema or of another number of rows. The path is named, and `replay
// --rebuild`, which makes it again.
base::Result<std::shared_ptr<arrow::Table>> read_rows(io::ObjectStore& store,
                                                      const std::string& path, const AddFile& file,
                                                      const base::Schema& schema,
                                                      const std::vector<std::string>& columns);

// A data file, as read_rows() is told of it.
struct DataFile {
  const std::string& path;
  const AddFile& file;
  const base::Schema& schema;
};

// The same, given to `visit` some thousand rows of a large file at a time, in order. Errors: as
// read_rows() and those of `visit`.
base::Status visit_rows(io::ObjectStore& store, const DataFile& data,
                        const std::vector<std::string>& columns, const columnar::VisitRows& visit);

// All columns of the file, on disk (columnar::SpilledRows). Errors: as read_rows() and those of
// ObjectStore::spill().
base::Result<std::shared_ptr<arrow::Table>> read_rows_to_disk(io::ObjectStore& store,
                                                              const DataFile& data);

// Pure. The digest that the name of a file of ours holds, 32 hex digits; "" for another writer's.
std::string_view digest_in_name(std::string_view path);

}  // namespace ashore::delta
