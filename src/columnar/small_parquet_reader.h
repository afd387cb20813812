// Reads small Parquet files of ours at the cost of their bytes: Arrow's reader takes a third of a
// millisecond to set itself up for thirty columns.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/schema.h"

namespace ashore::columnar {

// Pure. Some columns of a file (all of `schema` if empty), in the order asked, each one chunk;
// columns that the file lacks are null columns, if they may be. nullptr where the bytes are not in
// every respect what encode_small_parquet() writes for columns of these types, checksums of pages
// that are read included: another reader then says what they are. Any bytes are safe to give.
std::shared_ptr<arrow::Table> read_small_parquet(std::string_view file, const base::Schema& schema,
                                                 const std::vector<std::string>& columns);

}  // namespace ashore::columnar
