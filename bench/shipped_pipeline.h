// The shipped pipeline, for benches: run from the repository's root.
#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/reader.h"

inline ashore::config::Pipeline shipped_pipeline() {
  const std::string path = "pipelines/spacex.yaml";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto reading = ashore::config::read_pipeline(
      text, path, [](std::string_view) { return std::optional<std::string>(); });
  if (reading.pipeline) return *std::move(reading.pipeline);
  throw std::runtime_error(path + ": run this from the repository's root");
}
