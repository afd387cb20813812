// Encodes and decodes byte by byte.
// Works on bytes: what a byte means in which character set is for the reader of the url to know.
#include "base/percent_encoding.h"

namespace ashore::base {

namespace {

bool is_letter_or_digit(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         (byte >= '0' && byte <= '9');
}

bool is_one_of(char byte, std::string_view bytes) {
  return bytes.find(byte) != std::string_view::npos;
}

bool is_plain(char byte, PlainBytes plain) {
  if (is_letter_or_digit(byte)) return true;
  const auto code = static_cast<unsigned char>(byte);
  switch (plain) {
    // RFC 3986, 2.3.
    case PlainBytes::kUnreserved:
      return is_one_of(byte, "-._~");
    // RFC 3986, 3.3: pchar and the slash.
    case PlainBytes::kUrlPath:
      return is_one_of(byte, "-._~/!$&'()*+,;=:@");
    case PlainBytes::kLogPath:
      return is_one_of(byte, "-._~/=");
    case PlainBytes::kFolderName:
      return is_one_of(byte, "._-");
    // What Hive's FileUtils.escapePathName escapes; Spark and Delta do the same.
    case PlainBytes::kHive:
      return code >= 0x20 && code != 0x7f && !is_one_of(byte, "\"#%'*/:=?\\{[]^");
  }
  return false;
}

void append_encoded(char byte, std::string* text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto code = static_cast<unsigned char>(byte);
  *text += {'%', kHex[code >> 4U], kHex[code & 0x0fU]};
}

int digit_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

// The byte that "%XX" at `at` stands for; -1 where it is no such thing.
int byte_at(std::string_view text, std::size_t at) {
  if (text[at] != '%' || at + 2 >= text.size()) return -1;
  const int high = digit_of(text[at + 1]);
  const int low = digit_of(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

std::string percent_encoded(std::string_view text, PlainBytes plain) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char byte : text) {
    if (is_plain(byte, plain)) {
      encoded += byte;
    } else {
      append_encoded(byte, &encoded);
    }
  }
  return encoded;
}

std::string percent_encoded_once(std::string_view text, PlainBytes plain) {
  std::string encoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_plain(text[at], plain) || byte_at(text, at) >= 0) {
      encoded += text[at];
    } else {
      append_encoded(text[at], &encoded);
    }
  }
  return encoded;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int byte = byte_at(text, at);
    if (text[at] == '%' && byte < 0) return std::nullopt;
    decoded += byte < 0 ? text[at] : static_cast<char>(byte);
    if (byte >= 0) at += 2;
  }
  return decoded;
}

std::string percent_decoded_where_valid(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int byte = byte_at(text, at);
    decoded += byte < 0 ? text[at] : static_cast<char>(byte);
    if (byte >= 0) at += 2;
  }
  return decoded;
}

}  // namespace ashore::base
