// Writes and tests JSON text.
// Writes without building a document: a log file may hold many thousand entries.
#include "json/text.h"

namespace ashore::json {

namespace {

void append_escaped(char byte, std::string* json) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (byte) {
    case '"':
    case '\\':
      *json += {'\\', byte};
      return;
    case '\n':
      *json += "\\n";
      return;
    // Every other control character in the one form that all of them have.
    default:
      *json += "\\u00";
      *json += kHex[static_cast<unsigned char>(byte) >> 4U];
      *json += kHex[static_cast<unsigned char>(byte) & 0x0fU];
  }
}

bool needs_escape(char byte) {
  return byte == '"' || byte == '\\' || static_cast<unsigned char>(byte) < 0x20;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

bool is_at(std::string_view text, std::size_t at, std::string_view characters) {
  return at < text.size() && characters.find(text[at]) != std::string_view::npos;
}

}  // namespace

void append_string(std::string_view text, std::string* json) {
  *json += '"';
  std::size_t begin = 0;
  // Runs without an escape are appended whole: almost all texts are one run.
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (!needs_escape(text[index])) continue;
    json->append(text, begin, index - begin);
    append_escaped(text[index], json);
    begin = index + 1;
  }
  json->append(text, begin);
  *json += '"';
}

std::string string_text(std::string_view text) {
  std::string json;
  append_string(text, &json);
  return json;
}

std::optional<NumberParts> split_number(std::string_view text) {
  NumberParts parts;
  parts.integer_begin = text.starts_with('-') ? 1 : 0;
  parts.integer_end = skip_digits(text, parts.integer_begin);
  const std::size_t integers = parts.integer_end - parts.integer_begin;
  // RFC 8259: no leading zero, a digit on both sides of the point, and one after the exponent.
  if (integers == 0 || (integers > 1 && text[parts.integer_begin] == '0')) return std::nullopt;
  std::size_t at = parts.fraction_end = parts.integer_end;
  if (is_at(text, at, ".")) {
    parts.fraction_end = skip_digits(text, at + 1);
    if (parts.fraction_end == at + 1) return std::nullopt;
    at = parts.fraction_end;
  }
  if (is_at(text, at, "eE")) {
    parts.has_exponent = true;
    const std::size_t digits = at + (is_at(text, at + 1, "+-") ? 2 : 1);
    at = skip_digits(text, digits);
    if (at == digits) return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  return parts;
}

bool is_number(std::string_view text) { return split_number(text).has_value(); }

std::string pointer_token(std::string_view key) {
  std::string token;
  for (const char character : key) {
    if (character == '~') {
      token += "~0";
    } else if (character == '/') {
      token += "~1";
    } else {
      token += character;
    }
  }
  return token;
}

std::string* ObjectWriter::field(std::string_view key) {
  if (!is_first_) *json_ += ',';
  is_first_ = false;
  *json_ += '"';
  *json_ += key;
  *json_ += "\":";
  return json_;
}

void ObjectWriter::text(std::string_view key, std::string_view value) {
  append_string(value, field(key));
}

void ObjectWriter::number(std::string_view key, std::int64_t value) {
  *field(key) += std::to_string(value);
}

void ObjectWriter::boolean(std::string_view key, bool value) {
  *field(key) += value ? "true" : "false";
}

void ObjectWriter::null(std::string_view key) { *field(key) += "null"; }

}  // namespace ashore::json
