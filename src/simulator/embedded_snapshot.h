// The snapshot of facts, compiled into the binary: src/simulator/snapshot/*.json as they stand.
#pragma once

#include <string_view>

namespace ashore::simulator {

// Pure. The text of a JSON array, for "launches", "cores", "rockets" and "launchpads"; empty for
// any other name.
std::string_view embedded_snapshot(std::string_view collection);

}  // namespace ashore::simulator
