// Matches texts by RE2.
// Calls RE2, which never goes back: std::regex's default executor recurses once per character.
#include "base/pattern.h"

#include <re2/re2.h>

#include <utility>

namespace ashore::base {

namespace {

constexpr std::size_t kExpressionBytesMax = 1'000;

}  // namespace

Result<Pattern> Pattern::compile(std::string_view expression) {
  if (expression.size() > kExpressionBytesMax) {
    return permanent("a regular expression has at most 1,000 bytes")
        .with_remedy("Match less of the text.");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);  // it would write to stderr itself
  auto regex = std::make_shared<const re2::RE2>(
      re2::StringPiece(expression.data(), expression.size()), options);
  if (!regex->ok()) {
    return permanent("not a regular expression: " + regex->error())
        .with_remedy("Write it in RE2's grammar, without back-references and look-around.");
  }
  return Pattern(std::move(regex));
}

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

}  // namespace ashore::base
