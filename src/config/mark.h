// Where something stands in the pipeline file.
#pragma once

namespace ashore::config {

// A place in the pipeline file, for messages. Lines and columns count from 1.
struct Mark {
  int line = 0;
  int column = 0;
};

}  // namespace ashore::config
