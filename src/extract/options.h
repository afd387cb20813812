// What extract may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/window.h"

namespace ashore::extract {

struct Options {
  std::string run_id;
  base::Window window;
  // Replaces the pipeline's source url; never holds credentials.
  std::optional<std::string> source_url;
};

}  // namespace ashore::extract
