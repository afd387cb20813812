// The options of serve-api: declared on the command line, then read into the server's options.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "simulator/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the name is the library's
class App;
}

namespace ashore::cli {

// Texts that become values only after CLI11 has seen the whole line.
struct ServeApiTexts {
  std::string latency;
  std::string timeout_hold;
  std::int64_t retry_after_seconds = 1;
  std::int64_t synthetic = -1;  // documents; below zero: none are made up
};

// Adds the command. Both targets must outlive the parsing.
void add_serve_api(CLI::App* app, simulator::Options* options, ServeApiTexts* texts);

// Durations that cannot be read are permanent errors that name the option.
base::Status resolve_serve_api(const ServeApiTexts& texts, simulator::Options* options);

}  // namespace ashore::cli
