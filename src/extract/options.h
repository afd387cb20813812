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
  // A complete landing of this run that is there is replaced.
  bool lands_anew = false;
  // With extract.rate.shared: among how many processes the rate is divided, and which of them this
  // one is, from 0.
  std::int64_t rate_shares = 1;
  std::int64_t rate_share = 0;
};

}  // namespace ashore::extract
