// Encodes a log's paths by RFC 2396 and keeps them inside their table's folder.
#include "delta/path_encoding.h"

#include <optional>

namespace ashore::delta {

namespace {

using base::Result;

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool is_letter_or_digit(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         (byte >= '0' && byte <= '9');
}

void append_percent(char byte, std::string* text) {
  const auto code = static_cast<unsigned char>(byte);
  *text += '%';
  *text += kHexDigits[code >> 4];
  *text += kHexDigits[code & 15];
}

std::optional<int> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (text[index] != '%') {
      decoded += text[index];
      continue;
    }
    if (index + 2 >= text.size()) return std::nullopt;
    const auto high = hex_value(text[index + 1]);
    const auto low = hex_value(text[index + 2]);
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    index += 2;
  }
  return decoded;
}

// Whether every part of a path is a name, so that it stays below its folder.
bool stays_inside(std::string_view path) {
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (part.find('\0') != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string encode_log_path(std::string_view path) {
  std::string encoded;
  encoded.reserve(path.size() + 16);
  for (const char byte : path) {
    if (is_letter_or_digit(byte) ||
        std::string_view("-._~/=").find(byte) != std::string_view::npos) {
      encoded += byte;
    } else {
      append_percent(byte, &encoded);
    }
  }
  return encoded;
}

Result<std::string> decode_log_path(std::string_view text) {
  if (text.starts_with('/') || text.substr(0, text.find('/')).find(':') != std::string_view::npos) {
    return base::permanent("file outside the table's folder: '" + std::string(text) + "'");
  }
  auto path = percent_decoded(text);
  if (!path) return base::permanent("path is not percent-encoded: '" + std::string(text) + "'");
  if (!stays_inside(*path)) {
    return base::permanent("path leaves the table's folder: '" + std::string(text) + "'");
  }
  return std::move(*path);
}

}  // namespace ashore::delta
