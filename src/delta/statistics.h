// What a data file's log entry says of its rows, so that the file need not be opened.
#pragma once

#include <cstdint>
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

// Pure. How many rows of the file have no value in that column; nothing where the entry does not
// say, or where another program wrote it.
std::optional<std::int64_t> null_count(const AddFile& file, const std::string& column);

}  // namespace ashore::delta
