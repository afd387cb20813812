// What merge may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <string>

namespace ashore::merge {

struct Options {
  std::string run_id;
  int threads = 1;  // any number gives the same bytes
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  std::string version;
};

}  // namespace ashore::merge
