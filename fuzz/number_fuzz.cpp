// JSON numbers: the same double as strtod, and integers only where they are exact.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "json/text.h"
#include "target.h"
#include "transform/number.h"

namespace ashore::fuzz {

void number(std::string_view bytes) {
  using transform::Rule;
  const std::string text(bytes);
  if (!json::is_number(text)) return;
  const double expected = std::strtod(text.c_str(), nullptr);
  double real = 0;
  const auto rule = transform::read_double(text, &real);
  if (rule == Rule::kNone) {
    must(real == expected && std::signbit(real) == std::signbit(expected), "the nearest double");
    must(std::isfinite(real), "a double is finite");
  } else {
    must(rule == Rule::kOutOfRange || rule == Rule::kInexact, "a number fails for its value");
  }
  std::int64_t whole = 0;
  const auto whole_rule = transform::read_integer(text, std::numeric_limits<std::int64_t>::min(),
                                                  std::numeric_limits<std::int64_t>::max(), &whole);
  if (whole_rule == Rule::kNone) {
    must(static_cast<double>(whole) == expected, "an integer is its number");
    std::int64_t again = 0;
    must(transform::read_integer(std::to_string(whole), whole, whole, &again) == Rule::kNone,
         "an integer lies within its own range");
  }
  arrow::Decimal128 decimal;
  if (transform::read_decimal(text, 38, 6, &decimal) == Rule::kNone) {
    const double near = std::strtod(decimal.ToString(6).c_str(), nullptr);
    must(near == expected || std::abs(near - expected) <= std::abs(expected) * 1e-15,
         "a decimal is its number");
  }
}

}  // namespace ashore::fuzz
