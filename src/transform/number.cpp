// Reads numbers exactly.
// Splits a number into its significant digits and a power of ten, so that no digit is lost unseen.
#include "transform/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

#include "json/text.h"

namespace ashore::transform {

namespace {

// Holds every value of 38 digits; a compiler's extension, hence the mark.
__extension__ using Wide = __int128;

// Exponents beyond this are all alike: no type of ours reaches it.
constexpr std::int64_t kExponentMax = 1'000'000'000;

// digits * 10^exponent, without zeros at either end; zero has no digits.
struct ExactNumber {
  bool is_negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

std::int64_t exponent_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const bool is_negative = text.starts_with('-');
  std::int64_t exponent = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (result.ec == std::errc::result_out_of_range)
    return is_negative ? -kExponentMax : kExponentMax;
  return std::clamp(exponent, -kExponentMax, kExponentMax);
}

ExactNumber split(std::string_view text, const json::NumberParts& parts) {
  ExactNumber number;
  number.is_negative = parts.integer_begin == 1;
  number.digits = text.substr(parts.integer_begin, parts.integer_end - parts.integer_begin);
  if (parts.fraction_end > parts.integer_end) {
    const auto fraction =
        text.substr(parts.integer_end + 1, parts.fraction_end - parts.integer_end - 1);
    number.digits += fraction;
    number.exponent -= static_cast<std::int64_t>(fraction.size());
  }
  if (parts.has_exponent) number.exponent += exponent_of(text.substr(parts.fraction_end + 1));
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
  while (number.digits.ends_with('0')) {
    number.digits.pop_back();
    ++number.exponent;
  }
  if (number.digits.empty()) number = {};
  return number;
}

// The digits as a whole number of at most 38 digits.
Rule scaled(const ExactNumber& number, std::int64_t zeros, int digits_max, Wide* value) {
  if (number.digits.empty()) {
    *value = 0;
    return Rule::kNone;
  }
  if (zeros < 0) return Rule::kInexact;
  if (static_cast<std::int64_t>(number.digits.size()) + zeros > digits_max)
    return Rule::kOutOfRange;
  Wide magnitude = 0;
  for (const char digit : number.digits) magnitude = magnitude * 10 + (digit - '0');
  for (std::int64_t zero = 0; zero < zeros; ++zero) magnitude *= 10;
  *value = number.is_negative ? -magnitude : magnitude;
  return Rule::kNone;
}

}  // namespace

Rule read_integer(std::string_view text, std::int64_t least, std::int64_t greatest,
                  std::int64_t* value) {
  const auto parts = json::split_number(text);
  if (!parts) return Rule::kWrongType;
  std::int64_t quick = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), quick);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    Wide exact = 0;
    const auto number = split(text, *parts);
    const auto rule = scaled(number, number.exponent, 20, &exact);
    if (rule != Rule::kNone) return rule;
    if (exact < least || exact > greatest) return Rule::kOutOfRange;
    quick = static_cast<std::int64_t>(exact);
  }
  if (quick < least || quick > greatest) return Rule::kOutOfRange;
  *value = quick;
  return Rule::kNone;
}

namespace {

// Whether the double's exact decimal expansion is the integer in `text`.
bool holds_exactly(double value, std::string_view text) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, 0)
                       .ptr;
  return std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())) == text;
}

}  // namespace

Rule read_double(std::string_view text, double* value) {
  const auto parts = json::split_number(text);
  if (!parts) return Rule::kWrongType;
  double nearest = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), nearest);
  if (result.ec == std::errc::result_out_of_range) {
    // Too large for a double, or so small that zero is the nearest.
    const auto number = split(text, *parts);
    const auto magnitude = static_cast<std::int64_t>(number.digits.size()) + number.exponent;
    if (magnitude > 0) return Rule::kOutOfRange;
    nearest = number.is_negative ? -0.0 : 0.0;
  }
  const bool is_integer = parts->fraction_end == parts->integer_end && !parts->has_exponent;
  const bool may_lose = is_integer && parts->integer_end - parts->integer_begin > 15;
  if (may_lose && !holds_exactly(nearest, text)) return Rule::kInexact;
  *value = nearest;
  return Rule::kNone;
}

Rule read_decimal(std::string_view text, int precision, int scale, arrow::Decimal128* value) {
  const auto parts = json::split_number(text);
  if (!parts) return Rule::kWrongType;
  const auto number = split(text, *parts);
  Wide exact = 0;
  const auto rule = scaled(number, number.exponent + scale, precision, &exact);
  if (rule != Rule::kNone) return rule;
  *value =
      arrow::Decimal128(static_cast<std::int64_t>(exact >> 64), static_cast<std::uint64_t>(exact));
  return Rule::kNone;
}

}  // namespace ashore::transform
