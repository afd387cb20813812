// Nodes as text: in messages, in verdicts, as JSON.
#include <cstdio>

#include "spec/value_reader.h"

namespace ashore::spec {

std::string shown(std::string_view text) {
  constexpr std::size_t kShownBytesMax = 60;
  std::string quoted = "'";
  for (const char character : text.substr(0, kShownBytesMax)) {
    const auto byte = static_cast<unsigned char>(character);
    quoted += byte < 0x20 || byte == 0x7f ? ' ' : character;
  }
  // A cut may fall inside a UTF-8 sequence: take the rest of it away.
  if (text.size() > kShownBytesMax) {
    while ((static_cast<unsigned char>(quoted.back()) & 0xc0U) == 0x80) quoted.pop_back();
    if ((static_cast<unsigned char>(quoted.back()) & 0xc0U) == 0xc0) quoted.pop_back();
    quoted += "...";
  }
  return quoted + "'";
}

std::string described(const Node& node) {
  switch (node.kind) {
    case NodeKind::kNull:
      return "nothing";
    case NodeKind::kList:
      return "a list";
    case NodeKind::kMapping:
      return "a mapping";
    case NodeKind::kScalar:
      break;
  }
  if (!node.is_plain) return "the text " + shown(node.text);
  switch (scalar_kind(node.text)) {
    case ScalarKind::kBoolean:
      return node.text;
    case ScalarKind::kNumber:
      return "the number " + shown(node.text);
    case ScalarKind::kNull:
    case ScalarKind::kText:
      break;
  }
  return "the text " + shown(node.text);
}

std::string flow_text(const Node& node) {
  std::string text;
  switch (node.kind) {
    case NodeKind::kNull:
      return "null";
    case NodeKind::kScalar:
      return node.text;
    case NodeKind::kList:
      for (const auto& item : node.items) text += (text.empty() ? "" : ", ") + flow_text(item);
      return "[" + text + "]";
    case NodeKind::kMapping:
      for (const auto& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + entry.key + ": " + flow_text(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      quoted += '\\';
      quoted += character;
    } else if (byte < 0x20) {
      char buffer[8];
      (void)std::snprintf(buffer, sizeof buffer, "\\u%04x", byte);
      quoted += buffer;
    } else {
      quoted += character;
    }
  }
  return quoted + "\"";
}

namespace {

std::string scalar_json(const Node& node) {
  if (!node.is_plain) return json_string(node.text);
  switch (scalar_kind(node.text)) {
    case ScalarKind::kNull:
      return "null";
    case ScalarKind::kBoolean:
      return node.text.front() == 't' || node.text.front() == 'T' ? "true" : "false";
    case ScalarKind::kNumber:
      return node.text;
    case ScalarKind::kText:
      break;
  }
  return json_string(node.text);
}

}  // namespace

std::string json_text(const Node& node) {
  std::string text;
  switch (node.kind) {
    case NodeKind::kNull:
      return "null";
    case NodeKind::kScalar:
      return scalar_json(node);
    case NodeKind::kList:
      for (const auto& item : node.items) text += (text.empty() ? "" : ",") + json_text(item);
      return "[" + text + "]";
    case NodeKind::kMapping:
      for (const auto& entry : node.entries) {
        if (!text.empty()) text += ",";
        text += json_string(entry.key) + ":" + json_text(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

}  // namespace ashore::spec
