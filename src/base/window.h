// A window is the half-open span of time [start, end) that one run asks its source for.
#pragma once

#include <optional>

#include "base/timestamp.h"

namespace ashore::base {

// Either end may be absent: no start means "from the beginning", no end "to the last".
// When both are there, start < end (checked where windows are made).
struct Window {
  std::optional<Timestamp> start;
  std::optional<Timestamp> end;

  [[nodiscard]] bool is_unbounded() const { return !start && !end; }
  // Pure. Start is included, end is not.
  [[nodiscard]] bool contains(Timestamp timestamp) const {
    return (!start || *start <= timestamp) && (!end || timestamp < *end);
  }
  bool operator==(const Window&) const = default;
};

}  // namespace ashore::base
