// What transform may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "state/manifest.h"

namespace ashore::transform {

struct Options {
  std::string run_id;
  int threads = 1;  // any number gives the same bytes
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  std::int64_t batch_rows_max = 65'536;  // 1 in tests
  std::string version;
  // The landed answers of a lookup for this landing: they are read after its pages.
  std::optional<state::Manifest> lookup = {};
};

}  // namespace ashore::transform
