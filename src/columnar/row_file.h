// Rows as an Arrow IPC file, read where it lies: how one stage hands rows to the next without
// encoding them as Parquet. RowStream writes such files.
#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "io/mapped_bytes.h"

namespace ashore::columnar {

// Pure. The table's arrays lie in the bytes, which it keeps. kPermanent: not such a file.
base::Result<std::shared_ptr<arrow::Table>> read_row_file(std::shared_ptr<io::MappedBytes> file);

}  // namespace ashore::columnar
