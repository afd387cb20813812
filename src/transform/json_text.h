// JSON texts: unescaped with the characters that no destination may get refused, and escaped.
#pragma once

#include <string>
#include <string_view>

#include "transform/rule.h"

namespace ashore::transform {

// Pure. Whether a backslash stands in `raw`.
bool has_escape(std::string_view raw);

// Writes the text that `raw` (between the quotes of a JSON string) stands for to `text`.
// kNulCharacter, kLoneSurrogate; kWrongType: no JSON string.
Rule unescape(std::string_view raw, std::string* text);

// Pure. kNulCharacter or kLoneSurrogate if a string inside this exact JSON text holds one.
Rule check_escapes(std::string_view json);

// Pure. The text as an example: at most 100 bytes, cut where a character begins.
std::string example_of(std::string_view value);

}  // namespace ashore::transform
