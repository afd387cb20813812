// Calls std::regex, which throws, and asks it for the executor that does not go back.
#include "base/pattern.h"

#include <utility>

namespace ashore::base {

namespace {

constexpr std::size_t kExpressionBytesMax = 1'000;

// The library's default executor tries alternatives by recursion: a long text overflows the stack,
// and (a*)*b takes for ever. This one follows all of them at once.
constexpr auto kSyntax = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;

}  // namespace

Result<Pattern> Pattern::compile(std::string_view expression) {
  if (expression.size() > kExpressionBytesMax) {
    return permanent("a regular expression has at most 1,000 bytes")
        .with_remedy("Match less of the text.");
  }
  try {
    return Pattern(std::regex(expression.begin(), expression.end(), kSyntax));
  } catch (const std::regex_error& error) {
    return permanent("not a regular expression: " + std::string(error.what()))
        .with_remedy("Write it as in JavaScript, without back-references.");
  }
}

bool Pattern::matches(std::string_view text) const {
  return std::regex_match(text.begin(), text.end(), regex_);
}

}  // namespace ashore::base
