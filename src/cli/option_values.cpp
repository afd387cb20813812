// Reads the values of options that CLI11 has no type for.
#include "cli/option_values.h"

#include "config/quantity.h"

namespace ashore::cli {

base::Error wrong_quantity(const char* option, const std::string& text, const char* remedy) {
  return base::permanent(std::string(option) + ": cannot be read: '" + text + "'")
      .with_remedy(remedy);
}

base::Status read_duration(const std::string& text, const char* option,
                           std::chrono::milliseconds* target) {
  if (text.empty()) return {};
  const auto duration = config::parse_duration(text);
  if (!duration) return wrong_quantity(option, text, "Give a number and a unit, as in 30s or 5m.");
  *target = *duration;
  return {};
}

}  // namespace ashore::cli
