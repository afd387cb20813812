// Parquet files in and out: the same rows always give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "columnar/byte_output.h"
#include "io/object_store.h"

namespace ashore::columnar {

struct EncodedFile {
  std::string bytes;  // the whole file
  std::int64_t rows = 0;
  std::string stats_json;  // Delta stats: numRecords, minValues, maxValues,
                           // nullCount; compact
};

// Encodes a table whose columns are exactly `schema` in order (the partition
// column already left out). Parquet 2.6, page index, column statistics, zstd or
// snappy as docs/formats/parquet.md says, no ARROW:schema entry, no time or
// machine in it. Deterministic. Precondition: types match.
base::Result<EncodedFile> encode_parquet(const arrow::Table& table, const base::Schema& schema);

// The same rows for a reader that takes all of them, soon: no statistics (those of Delta are
// empty), no page index, no dictionaries.
base::Result<EncodedFile> encode_window(const arrow::Table& table, const base::Schema& schema);

// The same, its bytes given to `take` piece by piece and not kept: for tables that do not fit in
// memory. Errors: those of `take`.
base::Result<EncodedFile> encode_parquet(const arrow::Table& table, const base::Schema& schema,
                                         const TakeBytes& take);

// Reads some columns (all if empty) of a file, in the order asked. Columns that
// the file lacks are null columns (a nullable column added later). `digest`: how
// the hex of the file's sha256 begins, "" where nobody knows it; it is verified
// wherever the file is read whole, and the checksums of pages that have one
// always. kPermanent: not Parquet, other types than `schema`, damaged.
base::Result<std::shared_ptr<arrow::Table>> read_parquet(io::ObjectStore& store,
                                                         const std::string& path,
                                                         const base::Schema& schema,
                                                         const std::vector<std::string>& columns,
                                                         std::string_view digest = {});

// Takes some rows of a file, the first of which is row `first_row`.
using VisitRows =
    std::function<base::Status(const std::shared_ptr<arrow::Table>& rows, std::int64_t first_row)>;

// A file of a store, as read_parquet() is told of it.
struct ParquetSource {
  const std::string& path;
  const base::Schema& schema;
  std::string_view digest;
};

// The same, given to `visit` some thousand rows of a large file at a time, in order; nothing of a
// file without rows. Errors: as read_parquet() and those of `visit`.
base::Status visit_parquet(io::ObjectStore& store, const ParquetSource& source,
                           const std::vector<std::string>& columns, const VisitRows& visit);

}  // namespace ashore::columnar
