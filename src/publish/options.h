// What publish may be told besides the pipeline.
#pragma once

#include <string>

namespace ashore::publish {

struct Options {
  std::string run_id;
  std::string version;
  bool force = false;  // publish a landing older than the published one
};

}  // namespace ashore::publish
