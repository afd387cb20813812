// What audit may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <string>

namespace ashore::audit {

struct Options {
  std::string run_id;
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  int threads = 1;
  std::string version;
};

}  // namespace ashore::audit
