// What transform may be told besides the pipeline.
#pragma once

#include <cstdint>
#include <string>

namespace ashore::transform {

struct Options {
  std::string run_id;
  int threads = 1;  // any number gives the same bytes
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  std::int64_t batch_rows_max = 65'536;  // 1 in tests
  std::string version;
};

}  // namespace ashore::transform
