// Scans validated JSON for the ends of values; strings and brackets are all it needs to know.
#include "simulator/document.h"

#include <cassert>
#include <charconv>
#include <cstddef>
#include <nlohmann/json.hpp>

namespace ashore::simulator {

namespace {

bool is_space(char character) {
  return character == ' ' || character == '\n' || character == '\t' || character == '\r';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// Returns the position after the string that opens at `at`.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  assert(text[at] == '"');
  std::size_t quote = text.find('"', at + 1);
  while (quote != std::string_view::npos) {
    std::size_t backslashes = 0;
    while (text[quote - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote + 1;
    quote = text.find('"', quote + 1);
  }
  assert(false && "the text was validated");
  return text.size();
}

std::size_t end_of_nested(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char character = text[at];
    if (character == '"') {
      at = end_of_text(text, at);
      continue;
    }
    ++at;
    if (character == '{' || character == '[') ++depth;
    if ((character == '}' || character == ']') && --depth == 0) break;
  }
  return at;
}

// Returns the position after the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') return end_of_text(text, at);
  if (text[at] == '{' || text[at] == '[') return end_of_nested(text, at);
  while (at < text.size() && !is_space(text[at]) &&
         std::string_view(",]}").find(text[at]) == std::string_view::npos) {
    ++at;
  }
  return at;
}

// Returns the position after a comma that follows, or npos at the closing bracket.
std::size_t next_member(std::string_view text, std::size_t at) {
  at = skip_space(text, at);
  return at < text.size() && text[at] == ',' ? skip_space(text, at + 1) : std::string_view::npos;
}

std::string unescape(std::string_view json) {
  if (json.find('\\') == std::string_view::npos)
    return std::string(json.substr(1, json.size() - 2));
  return nlohmann::json::parse(json, nullptr, false).get<std::string>();
}

}  // namespace

void split_fields(std::string_view text, std::vector<FieldView>& fields) {
  fields.clear();
  std::size_t at = skip_space(text, skip_space(text, 0) + 1);
  if (at >= text.size() || text[at] == '}') return;
  while (at != std::string_view::npos) {
    const std::size_t key_end = end_of_text(text, at);
    const std::size_t value_begin = skip_space(text, skip_space(text, key_end) + 1);
    const std::size_t value_end = end_of_value(text, value_begin);
    fields.push_back(
        {text.substr(at + 1, key_end - at - 2), text.substr(value_begin, value_end - value_begin)});
    at = next_member(text, value_end);
  }
}

std::vector<std::string_view> split_elements(std::string_view text) {
  std::vector<std::string_view> elements;
  std::size_t at = skip_space(text, skip_space(text, 0) + 1);
  if (at >= text.size() || text[at] == ']') return elements;
  while (at != std::string_view::npos) {
    const std::size_t end = end_of_value(text, at);
    elements.push_back(text.substr(at, end - at));
    at = next_member(text, end);
  }
  return elements;
}

base::Result<std::vector<std::string_view>> split_documents(std::string_view text) {
  if (!nlohmann::json::accept(text)) return base::permanent("not valid JSON");
  const std::size_t begin = skip_space(text, 0);
  if (text[begin] != '[') return base::permanent("not a JSON array");
  std::vector<std::string_view> documents = split_elements(text);
  for (const std::string_view document : documents) {
    if (document.front() != '{') return base::permanent("an element of the array is not an object");
  }
  return documents;
}

Value value_of(std::string_view json) {
  assert(!json.empty());
  switch (json.front()) {
    case 'n':
      return {};
    case 't':
      return {.kind = ValueKind::kBoolean, .number = 1, .text = {}};
    case 'f':
      return {.kind = ValueKind::kBoolean, .number = 0, .text = {}};
    case '"':
      return {.kind = ValueKind::kText, .number = 0, .text = unescape(json)};
    case '{':
    case '[':
      return {.kind = ValueKind::kOther, .number = 0, .text = {}};
    default: {
      Value value{.kind = ValueKind::kNumber, .number = 0, .text = {}};
      (void)std::from_chars(json.data(), json.data() + json.size(), value.number);
      return value;
    }
  }
}

int compare(const Value& left, const Value& right) {
  if (left.kind != right.kind) return left.kind < right.kind ? -1 : 1;
  if (left.kind == ValueKind::kText) return left.text.compare(right.text);
  if (left.number < right.number) return -1;
  return left.number > right.number ? 1 : 0;
}

}  // namespace ashore::simulator
