// Delta statistics of a data file: how many rows, nulls, and which values at
// most and least.
#pragma once

#include <string>

#include <arrow/type_fwd.h>

#include "base/schema.h"

namespace ashore::columnar {

// Pure. Compact JSON {"numRecords", "minValues", "maxValues", "nullCount"};
// columns by the table's order. A bound is never inside the true range: texts
// are cut to 32 characters and a cut maximum is raised, a timestamp's maximum
// is rounded up to the millisecond. Booleans, json columns and columns without
// a value have no bounds. Precondition: the table's columns are `schema`'s.
std::string delta_statistics(const arrow::Table& table, const base::Schema& schema);

}  // namespace ashore::columnar
