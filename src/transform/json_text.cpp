// Unescapes and checks JSON strings.
// One scanner of escapes serves both the unescaping and the checking of exact texts.
#include "transform/json_text.h"

#include <cstdint>
#include <cstring>
#include <optional>

#include "base/short_text.h"

namespace ashore::transform {

namespace {

std::optional<std::uint32_t> hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t index = at; index < at + 4; ++index) {
    const char digit = text[index];
    std::uint32_t nibble = 0;
    if (digit >= '0' && digit <= '9') {
      nibble = static_cast<std::uint32_t>(digit - '0');
    } else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') {
      nibble = static_cast<std::uint32_t>((digit | 0x20) - 'a' + 10);
    } else {
      return std::nullopt;
    }
    value = value << 4 | nibble;
  }
  return value;
}

// One escape: its code point, and where the text goes on.
struct Escape {
  Rule rule = Rule::kNone;
  std::uint32_t code = 0;
  std::size_t end = 0;
};

bool is_high(std::uint32_t code) { return code >= 0xd800 && code < 0xdc00; }
bool is_low(std::uint32_t code) { return code >= 0xdc00 && code < 0xe000; }

// `at` is where the four digits begin.
Escape read_unicode(std::string_view text, std::size_t at) {
  const auto first = hex4(text, at);
  if (!first) return {Rule::kWrongType};
  if (*first == 0) return {Rule::kNulCharacter};
  if (is_low(*first)) return {Rule::kLoneSurrogate};
  if (!is_high(*first)) return {Rule::kNone, *first, at + 4};
  if (text.substr(at + 4, 2) != "\\u") return {Rule::kLoneSurrogate};
  const auto second = hex4(text, at + 6);
  if (!second || !is_low(*second)) return {Rule::kLoneSurrogate};
  return {Rule::kNone, 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00), at + 10};
}

// `at` is where the backslash stands.
Escape read_escape(std::string_view text, std::size_t at) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (at + 1 >= text.size()) return {Rule::kWrongType};
  if (text[at + 1] == 'u') return read_unicode(text, at + 2);
  const auto letter = kLetters.find(text[at + 1]);
  if (letter == std::string_view::npos) return {Rule::kWrongType};
  return {Rule::kNone, static_cast<std::uint32_t>(kMeanings[letter]), at + 2};
}

void append_utf8(std::uint32_t code, std::string* text) {
  const auto byte = [text](std::uint32_t value) { text->push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

}  // namespace

bool has_escape(std::string_view raw) {
  return !raw.empty() && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
}

void EscapeFinder::look_from(const char* begin) {
  const std::string_view rest(begin, static_cast<std::size_t>(end_ - begin));
  const auto found = rest.empty() ? nullptr : std::memchr(rest.data(), '\\', rest.size());
  from_ = begin;
  next_ = found == nullptr ? end_ : static_cast<const char*>(found);
}

Rule unescape(std::string_view raw, std::string* text) {
  text->clear();
  std::size_t at = 0;
  while (true) {
    const auto next = raw.find('\\', at);
    if (next == std::string_view::npos) break;
    text->append(raw.substr(at, next - at));
    const auto escape = read_escape(raw, next);
    if (escape.rule != Rule::kNone) return escape.rule;
    append_utf8(escape.code, text);
    at = escape.end;
  }
  text->append(raw.substr(at));
  return Rule::kNone;
}

Rule check_escapes(std::string_view json) {
  for (auto at = json.find('\\'); at != std::string_view::npos;) {
    const auto escape = read_escape(json, at);
    if (escape.rule != Rule::kNone) return escape.rule;
    at = json.find('\\', escape.end);
  }
  return Rule::kNone;
}

std::string example_of(std::string_view value) {
  constexpr std::size_t kExampleBytesMax = 100;
  return std::string(base::whole_characters(value, kExampleBytesMax));
}

}  // namespace ashore::transform
