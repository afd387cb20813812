// Cuts texts between characters: bytes 10xxxxxx continue one (RFC 3629).
#include "base/short_text.h"

namespace ashore::base {

std::string_view whole_characters(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t length = bytes_max;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U) --length;
  return text.substr(0, length);
}

std::string shortened(std::string_view text, std::size_t bytes_max) {
  std::string beginning(whole_characters(text, bytes_max));
  if (beginning.size() < text.size()) beginning += "...";
  return beginning;
}

}  // namespace ashore::base
