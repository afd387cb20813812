// SpilledRows keeps rows on disk and gives them back as a table that takes no memory of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "columnar/row_stream.h"
#include "io/object_store.h"

namespace ashore::columnar {

// Arrow's streaming format in a file without a name (io::SpillFile). Threads: one at a time.
class SpilledRows {
 public:
  // Errors: those of ObjectStore::spill().
  static base::Result<SpilledRows> open(io::ObjectStore& store,
                                        const std::shared_ptr<arrow::Schema>& schema);

  // Precondition: rows of the schema. Errors: those of the file; kTransient: out of memory.
  base::Status append(const arrow::Table& rows);
  // All rows in the order in which they came, in chunks of 65,536 rows at most. The table holds the
  // file; its arrays lie in it. Errors as append().
  base::Result<std::shared_ptr<arrow::Table>> finish() &&;

 private:
  SpilledRows(std::shared_ptr<io::SpillFile> file, std::shared_ptr<arrow::Schema> schema,
              std::unique_ptr<RowStream> stream);

  std::shared_ptr<io::SpillFile> file_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<RowStream> stream_;
};

// The same rows, out of memory; in that order where one is given. Errors as SpilledRows.
base::Result<std::shared_ptr<arrow::Table>> spill_rows(io::ObjectStore& store,
                                                       const arrow::Table& rows);
base::Result<std::shared_ptr<arrow::Table>> spill_rows(io::ObjectStore& store,
                                                       const arrow::Table& rows,
                                                       std::span<const std::int64_t> order);

// Bytes of the buffers that the rows' arrays name, spilled or not; buffers that several arrays
// share count as often, slices as wholes.
std::int64_t bytes_of(const arrow::Table& rows);

}  // namespace ashore::columnar
