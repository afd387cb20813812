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
  std::int64_t memory_bytes = std::int64_t{512} << 20;  // a body may take an eighth of it
  std::string version;  // of ashore, for the manifest and the User-Agent
};

}  // namespace ashore::extract
