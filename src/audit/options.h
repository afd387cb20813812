// What audit may be told besides the pipeline.
#pragma once

#include <string>

namespace ashore::audit {

struct Options {
  std::string run_id;
};

}  // namespace ashore::audit
