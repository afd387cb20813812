// A window as JSON, both ways; included by this room's sources only.
#pragma once

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/window.h"

namespace ashore::state {

// Pure. {"start": "2022-01-01T00:00:00Z" | null, "end": ...}.
nlohmann::ordered_json window_json(const base::Window& window);
// Pure. kPermanent: not a timestamp, start not before end. Throws what the library throws for a
// missing key: callers catch.
base::Result<base::Window> read_window(const nlohmann::ordered_json& json);

}  // namespace ashore::state
