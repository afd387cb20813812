// Renders nodes as text: in messages, in verdicts, as JSON.
#include "config/value_reader.h"

#include "base/short_text.h"
#include "json/text.h"

namespace ashore::config {

std::string shown(std::string_view text) {
  // Enough to recognise a value in a message of one line; control characters could change a
  // terminal.
  constexpr std::size_t kShownBytesMax = 60;
  std::string quoted = "'" + base::shortened(text, kShownBytesMax) + "'";
  for (char& character : quoted) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) character = ' ';
  }
  return quoted;
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

// YAML in one line, as verdicts quote a check; not read back.
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

namespace {

std::string scalar_json(const Node& node) {
  if (!node.is_plain) return json::string_text(node.text);
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
  return json::string_text(node.text);
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
        text += json::string_text(entry.key) + ":" + json_text(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

}  // namespace ashore::config
