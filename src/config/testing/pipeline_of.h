// A pipeline of a text, for tests of what is done with pipelines.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

#include "config/reader.h"

namespace ashore::config {

// No variable is set. A text that is none fails the test and gives an empty pipeline.
inline Pipeline pipeline_of(std::string_view text) {
  const auto reading =
      read_pipeline(text, "shop.yaml", [](std::string_view) { return std::nullopt; });
  if (reading.pipeline) return *reading.pipeline;
  ADD_FAILURE() << complaints_error(reading.complaints).message();
  return {};
}

}  // namespace ashore::config
