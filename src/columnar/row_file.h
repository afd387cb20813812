// Rows as an Arrow IPC file: how one stage hands rows to the next without encoding them as Parquet.
#pragma once

#include <memory>
#include <string>

#include <arrow/type_fwd.h>

#include "base/result.h"

namespace ashore::columnar {

// Pure. The bytes of an Arrow IPC file (Feather v2) without compression, in batches of 65,536 rows.
// kTransient: out of memory.
base::Result<std::string> encode_rows(const arrow::Table& rows);

// Pure. The table shares the bytes, which it keeps. kPermanent: not such a file.
base::Result<std::shared_ptr<arrow::Table>> decode_rows(std::string bytes);

}  // namespace ashore::columnar
