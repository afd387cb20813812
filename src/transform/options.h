// What transform may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "state/manifest.h"

namespace ashore::transform {

struct Options {
  std::string run_id;
  std::int64_t batch_rows_max = 65'536;  // 1 in tests
  // The pages were landed by this process, so that their digests need not be verified.
  bool landed_here = false;
  // The landed answers of a lookup for this landing: they are read after its pages.
  std::optional<state::StoredManifest> lookup = {};
};

}  // namespace ashore::transform
