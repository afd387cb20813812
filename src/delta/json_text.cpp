// Writes JSON text without building a document: a log file may hold many thousand entries.
#include "delta/json_text.h"

namespace ashore::delta {

namespace {

void append_escaped(char byte, std::string* json) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (byte) {
    case '"':
      *json += "\\\"";
      return;
    case '\\':
      *json += "\\\\";
      return;
    case '\n':
      *json += "\\n";
      return;
    default:
      *json += "\\u00";
      *json += kHex[static_cast<unsigned char>(byte) >> 4];
      *json += kHex[static_cast<unsigned char>(byte) & 15];
  }
}

bool needs_escape(char byte) {
  return byte == '"' || byte == '\\' || static_cast<unsigned char>(byte) < 0x20;
}

}  // namespace

void append_json_string(std::string_view text, std::string* json) {
  *json += '"';
  std::size_t begin = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (!needs_escape(text[index])) continue;
    json->append(text, begin, index - begin);
    append_escaped(text[index], json);
    begin = index + 1;
  }
  json->append(text, begin);
  *json += '"';
}

std::string* JsonObjectWriter::field(std::string_view key) {
  if (!is_first_) *json_ += ',';
  is_first_ = false;
  *json_ += '"';
  *json_ += key;
  *json_ += "\":";
  return json_;
}

void JsonObjectWriter::text(std::string_view key, std::string_view value) {
  append_json_string(value, field(key));
}

void JsonObjectWriter::number(std::string_view key, std::int64_t value) {
  *field(key) += std::to_string(value);
}

void JsonObjectWriter::boolean(std::string_view key, bool value) {
  *field(key) += value ? "true" : "false";
}

}  // namespace ashore::delta
