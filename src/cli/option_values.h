// Reads the values of options that CLI11 has no type for.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace ashore::cli {

// Names the option, its text and what to give instead. Permanent.
base::Error wrong_quantity(const char* option, const std::string& text, const char* remedy);

// "30s", "5m"; an empty text leaves the target as it is.
base::Status read_duration(const std::string& text, const char* option,
                           std::chrono::milliseconds* target);

}  // namespace ashore::cli
