// Splits and joins RFC 6901 text.
#include "json/pointer.h"

#include <utility>

#include "json/text.h"

namespace ashore::json {

namespace {

// False where a '~' is not followed by 0 or 1.
bool unescape(std::string_view token, std::string* target) {
  for (std::size_t index = 0; index < token.size(); ++index) {
    if (token[index] != '~') {
      *target += token[index];
      continue;
    }
    const char next = index + 1 < token.size() ? token[index + 1] : '\0';
    if (next != '0' && next != '1') return false;
    *target += next == '0' ? '~' : '/';
    ++index;
  }
  return true;
}

}  // namespace

base::Result<Pointer> Pointer::parse(std::string_view text) {
  Pointer pointer;
  if (text.empty()) return pointer;
  if (text.front() != '/') {
    return base::permanent("a JSON Pointer begins with '/': '" + std::string(text) + "'")
        .with_remedy("Write '/" + std::string(text) + "', or '' for the whole document.");
  }
  std::string_view rest = text.substr(1);
  while (true) {
    const auto end = rest.find('/');
    std::string token;
    if (!unescape(rest.substr(0, end), &token)) {
      return base::permanent("a '~' in a JSON Pointer is ~0 or ~1: '" + std::string(text) + "'")
          .with_remedy("Write ~0 for '~' and ~1 for '/'.");
    }
    pointer.tokens_.push_back(std::move(token));
    if (end == std::string_view::npos) return pointer;
    rest.remove_prefix(end + 1);
  }
}

std::string Pointer::to_string() const {
  std::string text;
  for (const auto& token : tokens_) {
    text += '/' + pointer_token(token);
  }
  return text;
}

}  // namespace ashore::json
