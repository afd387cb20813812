// Pattern is a regular expression that a whole text must match, safe on any text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace ashore::base {

// RE2's grammar (`[0-9a-f]{24}`, `\d+`, `a|b`, `\p{L}`; neither back-references nor look-around)
// over UTF-8: `.` is one character. Time is linear in the text and memory is bounded by the
// pattern, whatever the text is. Threads: matches() from any number.
class Pattern {
 public:
  // Pure. kPermanent: not such an expression, over 1,000 bytes, or one that would need more than
  // RE2's 8 MB.
  static Result<Pattern> compile(std::string_view expression);

  // Pure. Whether all of `text` matches, not only a part of it.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> regex) : regex_(std::move(regex)) {}

  std::shared_ptr<const re2::RE2> regex_;  // shared by copies; RE2 is not copied
};

}  // namespace ashore::base
