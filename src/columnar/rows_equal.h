// Compares rows of two tables of one shape, column by column.
#pragma once

#include <vector>

#include <arrow/type_fwd.h>

#include "base/schema.h"

namespace ashore::columnar {

// For each row number, whether the rows of both tables are equal: same values, null equals null,
// -0 equals 0 (as in canonical rows). Columns are found by name. Precondition: both tables have
// `schema`'s columns and as many rows.
std::vector<bool> rows_equal(const arrow::Table& left, const arrow::Table& right,
                             const base::Schema& schema);

}  // namespace ashore::columnar
