// Between which instants the rows of a data file lie, as its log entry says.
#pragma once

#include <optional>
#include <string>

#include "base/timestamp.h"
#include "delta/snapshot.h"

namespace ashore::delta {

// Both ends belong to the range; the true values may lie closer together.
struct InstantRange {
  base::Timestamp least;
  base::Timestamp greatest;
};

// Pure. The range of a timestamp or date column (a date is its midnight UTC): of its partition
// value, else of the statistics. Nothing where the entry does not say, or where no row has a value.
std::optional<InstantRange> instant_range(const AddFile& file, const std::string& column);

}  // namespace ashore::delta
