// Validates JSON in one pass over the bytes, without a copy or a tree; simdjson checks the UTF-8.
#include "json/validate.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ashore::json {

namespace {

using base::Status;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_hex(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'f') ||
         (character >= 'A' && character <= 'F');
}

// Inside a string these need a closer look: quotes, backslashes, control characters.
bool is_plain(char character) {
  return static_cast<unsigned char>(character) >= 0x20 && character != '"' && character != '\\';
}

// The first byte from `at` that is not plain, or `end`.
const char* skip_plain(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  for (; end - at >= 16; at += 16) {
    __m128i bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i is_special = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), is_control);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(is_special));
    if (mask != 0) return at + __builtin_ctz(mask);
  }
#endif
  while (at != end && is_plain(*at)) ++at;
  return at;
}

// Reads one JSON text (RFC 8259) and remembers where and why it is not one.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t depth_max)
      : at_(text.data()), end_(text.data() + text.size()), depth_max_(depth_max) {}

  // Whether the whole of the text is one JSON text.
  bool scan() {
    if (!scan_value()) return false;
    while (!open_.empty()) {
      if (!scan_after_value()) return false;
    }
    skip_space();
    return at_ == end_ || fail("something follows the end of the document");
  }
  // After scan() was false: where it stopped.
  [[nodiscard]] const char* place() const { return at_; }
  [[nodiscard]] const char* reason() const { return reason_; }
  [[nodiscard]] bool is_too_deep() const { return is_too_deep_; }

 private:
  // A comma and what follows it, or the end of the innermost array or object.
  bool scan_after_value() {
    skip_space();
    const bool is_object = open_.back() == '{';
    if (take(',')) return is_object ? scan_key() && scan_value() : scan_value();
    if (!take(is_object ? '}' : ']')) {
      return fail(is_object ? "',' or '}' is missing" : "',' or ']' is missing");
    }
    open_.pop_back();
    return true;
  }

  // A scalar, an empty array or object, or all that opens up to the first of those.
  bool scan_value() {
    while (true) {
      skip_space();
      switch (peek()) {
        case '"':
          return scan_string();
        case '{':
          if (!open('{')) return false;
          if (close_at_once('}')) return true;
          if (!scan_key()) return false;
          break;
        case '[':
          if (!open('[')) return false;
          if (close_at_once(']')) return true;
          break;
        case 't':
          return scan_word("true");
        case 'f':
          return scan_word("false");
        case 'n':
          return scan_word("null");
        default:
          return scan_number();
      }
    }
  }

  bool open(char bracket) {
    if (open_.size() == depth_max_) {
      is_too_deep_ = true;
      return fail("nested too deeply");
    }
    open_.push_back(bracket);
    ++at_;
    return true;
  }

  bool close_at_once(char bracket) {
    skip_space();
    if (!take(bracket)) return false;
    open_.pop_back();
    return true;
  }

  bool scan_key() {
    skip_space();
    if (peek() != '"') return fail("a key in double quotes is missing");
    if (!scan_string()) return false;
    skip_space();
    return take(':') || fail("':' is missing after a key");
  }

  // Precondition: at a double quote.
  bool scan_string() {
    ++at_;
    while (true) {
      at_ = skip_plain(at_, end_);
      if (at_ == end_) return fail("a string has no end");
      if (take('"')) return true;
      if (*at_ != '\\') return fail("a control character in a string must be escaped");
      if (!scan_escape()) return false;
    }
  }

  // Any four digits may follow \u: a lone surrogate is valid JSON.
  bool scan_escape() {
    const auto rest = static_cast<std::size_t>(end_ - at_);
    const char kind = rest < 2 ? '\0' : at_[1];
    if (kind == 'u') {
      if (rest < 6 || !std::all_of(at_ + 2, at_ + 6, is_hex)) {
        return fail("\\u needs four hexadecimal digits");
      }
      at_ += 6;
      return true;
    }
    if (kind == '\0' || std::strchr("\"\\/bfnrt", kind) == nullptr) {
      return fail("an escape in a string is unknown");
    }
    at_ += 2;
    return true;
  }

  bool scan_word(std::string_view word) {
    const auto rest = static_cast<std::size_t>(end_ - at_);
    if (std::string_view(at_, std::min(rest, word.size())) != word) return fail("no JSON value");
    at_ += word.size();
    return true;
  }

  bool scan_number() {
    const bool is_negative = take('-');
    if (!is_digit(peek())) return fail(is_negative ? "a number has no digits" : "no JSON value");
    if (take('0') && is_digit(peek())) return fail("a number begins with 0");
    skip_digits();
    if (take('.') && !skip_digits()) return fail("a number has no digits after its point");
    if (take('e') || take('E')) {
      if (!take('+')) (void)take('-');
      if (!skip_digits()) return fail("a number has no digits in its exponent");
    }
    return true;
  }

  bool skip_digits() {
    const char* start = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != start;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // NUL stands for the end too: it begins nothing.
  [[nodiscard]] char peek() const { return at_ == end_ ? '\0' : *at_; }

  bool take(char expected) {
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }

  bool fail(const char* reason) {
    reason_ = at_ == end_ ? "the body was cut short" : reason;
    return false;
  }

  const char* at_;
  const char* const end_;
  const std::size_t depth_max_;
  std::vector<char> open_;  // the brackets that are open, outermost first
  const char* reason_ = "";
  bool is_too_deep_ = false;
};

// "line 3, column 17", counted in bytes from 1.
std::string place_of(std::string_view body, std::size_t offset) {
  const auto before = body.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto line_break = before.rfind('\n');
  const auto column = line_break == std::string_view::npos ? offset + 1 : offset - line_break;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

base::Error not_json(std::string_view body, std::size_t offset, std::string_view why) {
  return base::transient("not JSON: " + std::string(why) + " (" + place_of(body, offset) + ")");
}

std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

// The first byte of the first character that is not UTF-8. Slow: only for messages.
std::size_t first_wrong_character(std::string_view body) {
  std::size_t offset = 0;
  while (offset < body.size()) {
    const auto character = body.substr(offset, character_bytes(body[offset]));
    if (!simdjson::validate_utf8(character.data(), character.size())) break;
    offset += character.size();
  }
  return offset;
}

}  // namespace

Status validate(std::string_view body, const Limits& limits) {
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return not_json(body, 0, "the body is empty");
  if (body[first] == '<') return not_json(body, first, "it looks like HTML or XML");
  if (body.starts_with("\xef\xbb\xbf")) return not_json(body, 0, "a byte order mark comes first");
  if (!simdjson::validate_utf8(body.data(), body.size())) {
    return not_json(body, first_wrong_character(body), "bytes that are not UTF-8");
  }
  Scanner scanner(body, static_cast<std::size_t>(std::max(limits.depth_max, 0)));
  if (scanner.scan()) return {};
  const auto offset = static_cast<std::size_t>(scanner.place() - body.data());
  if (!scanner.is_too_deep()) return not_json(body, offset, scanner.reason());
  return base::permanent("JSON nested deeper than " + std::to_string(limits.depth_max) +
                         " levels (" + place_of(body, offset) + ")")
      .with_remedy("Raise limits.depth in the pipeline file if the source is right.");
}

}  // namespace ashore::json
