// Pattern is a regular expression that a whole text must match, safe on any text.
#pragma once

#include <regex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ashore::base {

// ECMAScript's grammar (`[0-9a-f]{24}`, `\d+`, `a|b`) without back-references, over the bytes of
// UTF-8: `.` is one byte. Time is linear in the text and its depth of calls is bounded by the
// pattern alone, whatever the text is. Threads: matches() from any number.
class Pattern {
 public:
  // Pure. kPermanent: not such an expression, over 1,000 bytes, or one that would need too much
  // memory.
  static Result<Pattern> compile(std::string_view expression);

  // Pure. Whether all of `text` matches, not only a part of it.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  explicit Pattern(std::regex regex) : regex_(std::move(regex)) {}

  std::regex regex_;
};

}  // namespace ashore::base
