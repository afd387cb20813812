// Reads durations, sizes and shares: digits, a unit, a bound.
#include "config/quantity.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "config/yaml_node.h"

#include "json/text.h"

namespace ashore::config {
namespace {

template <std::size_t kCount>
using Units = std::array<std::pair<std::string_view, std::int64_t>, kCount>;

constexpr Units<5> kDurations = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr Units<7> kSizes = {{{"B", 1},
                              {"kB", 1'000},
                              {"MB", 1'000'000},
                              {"GB", 1'000'000'000},
                              {"KiB", 1'024},
                              {"MiB", 1'048'576},
                              {"GiB", 1'073'741'824}}};
constexpr std::int64_t kMillisMax = 36'525LL * 86'400'000;  // 100 years
constexpr std::int64_t kBytesMax = 1LL << 53;

template <std::size_t kCount>
std::optional<std::int64_t> in_units(std::string_view text, const Units<kCount>& units,
                                     std::int64_t max) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
  const auto count = parse_integer(text.substr(0, digits));
  auto unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    if (!count || *count > max / factor) return std::nullopt;
    return *count * factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_number(std::string_view text) {
  if (!json::is_number(text)) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto millis = in_units(text, kDurations, kMillisMax);
  if (!millis) return std::nullopt;
  return std::chrono::milliseconds(*millis);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  if (const auto bytes = in_units(text, kSizes, kBytesMax)) return bytes;
  const auto bytes = parse_integer(text);
  return bytes && *bytes >= 0 && *bytes <= kBytesMax ? bytes : std::nullopt;
}

std::optional<double> parse_share(std::string_view text, double max) {
  const bool is_percentage = text.ends_with('%');
  if (is_percentage) text.remove_suffix(1);
  while (is_percentage && text.ends_with(' ')) text.remove_suffix(1);
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  const double share = is_percentage ? *number / 100 : *number;
  return share >= 0 && share <= max ? std::optional<double>(share) : std::nullopt;
}

}  // namespace ashore::config
