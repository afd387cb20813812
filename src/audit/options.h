// What audit may be told besides the pipeline.
#pragma once

#include <string>

namespace ashore::audit {

struct Options {
  std::string run_id;
  // This process wrote the candidate's files and took their digests: they are not read back for
  // them.
  bool is_just_written = false;
};

}  // namespace ashore::audit
