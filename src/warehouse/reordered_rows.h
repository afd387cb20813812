// Rows whose columns come in another order than they were made.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"

namespace ashore::warehouse {

// A reader of the same rows with exactly the columns `names`, in that order;
// `rows` itself where nothing changes. kPermanent: the columns of `rows` are
// not these names.
base::Result<std::shared_ptr<arrow::RecordBatchReader>> reordered_rows(
    std::shared_ptr<arrow::RecordBatchReader> rows, const std::vector<std::string>& names);

}  // namespace ashore::warehouse
