// Replaces control characters of texts from outside.
// C1 controls are the two bytes C2 80 to C2 9F in UTF-8.
#include "cli/visible_text.h"

#include <fmt/format.h>

namespace ashore::cli {

std::string visible_text(std::string_view text, bool keeps_lines) {
  std::string visible;
  visible.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    const auto next = index + 1 < text.size() ? static_cast<unsigned char>(text[index + 1]) : '\0';
    if (byte == '\n') {
      visible += keeps_lines ? "\n" : "\\n";
    } else if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      visible += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      visible += fmt::format("\\u{:04x}", next);
      ++index;
    } else {
      visible += text[index];
    }
  }
  return visible;
}

}  // namespace ashore::cli
