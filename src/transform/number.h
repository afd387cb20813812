// JSON numbers as exact values: what fits a type exactly is taken, all else has a reason.
#pragma once

#include <arrow/util/decimal.h>

#include <cstdint>
#include <string_view>

#include "transform/rule.h"

namespace ashore::transform {

// Pure, all three: the number in `text` (JSON's grammar), or why not (kWrongType, kOutOfRange,
// kInexact); `value` is written only on kNone.
// Takes every number whose value is integral: `7`, `7.0`, `7e2`.
Rule read_integer(std::string_view text, std::int64_t least, std::int64_t greatest,
                  std::int64_t* value);
// Takes the nearest double; an integer written without point or exponent must be held exactly.
Rule read_double(std::string_view text, double* value);
// Takes what has at most `scale` digits after the point and `precision` in all.
Rule read_decimal(std::string_view text, int precision, int scale, arrow::Decimal128* value);

}  // namespace ashore::transform
