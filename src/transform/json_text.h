// JSON texts: unescaped with the characters that no destination may get refused, and escaped.
#pragma once

#include <string>
#include <string_view>

#include "transform/rule.h"

namespace ashore::transform {

// Pure. Whether a backslash stands in `raw`.
bool has_escape(std::string_view raw);

// Tells whether values of one text hold a backslash, mostly without looking at them: the values
// come in the order of the text, and where its next backslash stands is remembered. The text must
// outlive it. Threads: one at a time.
class EscapeFinder {
 public:
  EscapeFinder() = default;
  explicit EscapeFinder(std::string_view text) : end_(text.data() + text.size()) {
    look_from(text.data());
  }

  // `value` is part of the text.
  bool is_in(std::string_view value) {
    const char* const begin = value.data();
    if (begin < from_) return has_escape(value);
    if (next_ < begin) look_from(begin);
    return next_ < begin + value.size();
  }

 private:
  void look_from(const char* begin);

  // No backslash stands from `from_` to `next_`, which is the end where there is none.
  const char* from_ = nullptr;
  const char* next_ = nullptr;
  const char* end_ = nullptr;
};

// Writes the text that `raw` (between the quotes of a JSON string) stands for to `text`.
// kNulCharacter, kLoneSurrogate; kWrongType: no JSON string.
Rule unescape(std::string_view raw, std::string* text);

// Pure. kNulCharacter or kLoneSurrogate if a string inside this exact JSON text holds one.
Rule check_escapes(std::string_view json);

// Pure. The text as an example: at most 100 bytes, cut where a character begins.
std::string example_of(std::string_view value);

}  // namespace ashore::transform
