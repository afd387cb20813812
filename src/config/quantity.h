// Reads the quantities people write in a pipeline file: durations, sizes, shares.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ashore::config {

// Pure. "500ms", "30s", "10m", "12h", "400d": digits and a unit, or a bare "0"; nothing for
// anything else or above 100 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// Pure. "64MB" (10^6), "1GiB" (2^30), also B, kB, KiB, MiB, GB, or bare bytes; nothing for anything
// else or above 2^53.
std::optional<std::int64_t> parse_bytes(std::string_view text);

// Pure. "0.001" or "0.1%" as 0.001; nothing for anything else or outside 0..max.
std::optional<double> parse_share(std::string_view text, double max = 1);

// Pure. A decimal integer with an optional sign; nothing for anything else or outside int64.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Pure. A JSON number as the nearest double; nothing for anything else or if it is not finite.
std::optional<double> parse_number(std::string_view text);

}  // namespace ashore::config
