// Scanner reads a JSON text once and tells an observer what lies where.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ashore::json {

inline bool is_digit(char character) { return character >= '0' && character <= '9'; }

inline bool is_hex(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'f') ||
         (character >= 'A' && character <= 'F');
}

// Inside a string these need a closer look: quotes, backslashes, control characters.
inline bool is_plain(char character) {
  return static_cast<unsigned char>(character) >= 0x20 && character != '"' && character != '\\';
}

// The first byte from `at` that is not plain, or `end`.
inline const char* skip_plain(const char* at, const char* end) {
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

// Sees nothing of what is scanned.
struct NoObserver {
  void begin_value(const char* /*at*/) {}
  void open(char /*bracket*/) {}
  void key(std::string_view /*raw*/) {}
  void end_value(const char* /*end*/) {}
};

// Reads one JSON text (RFC 8259) in one pass over its bytes and remembers where and why it is not
// one. The observer, which outlives it, is told of each value in the order of the text: where it
// begins; for an array or object that it opens, for each key of an object its text between the
// quotes before its value; where the value ends.
template <typename Observer>
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t depth_max, Observer* observer)
      : at_(text.data()),
        end_(text.data() + text.size()),
        depth_max_(depth_max),
        observer_(*observer) {}

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
    observer_.end_value(at_);
    return true;
  }

  // A scalar, an empty array or object, or all that opens up to the first of those.
  bool scan_value() {
    while (true) {
      skip_space();
      observer_.begin_value(at_);
      switch (peek()) {
        case '"':
          return scan_string() && ended();
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
          return scan_word("true") && ended();
        case 'f':
          return scan_word("false") && ended();
        case 'n':
          return scan_word("null") && ended();
        default:
          return scan_number() && ended();
      }
    }
  }

  bool open(char bracket) {
    if (open_.size() == depth_max_) {
      is_too_deep_ = true;
      return fail("nested too deeply");
    }
    open_.push_back(bracket);
    observer_.open(bracket);
    ++at_;
    return true;
  }

  bool ended() {
    observer_.end_value(at_);
    return true;
  }

  bool close_at_once(char bracket) {
    skip_space();
    if (!take(bracket)) return false;
    open_.pop_back();
    return ended();
  }

  bool scan_key() {
    skip_space();
    if (peek() != '"') return fail("a key in double quotes is missing");
    const char* const begin = at_ + 1;
    if (!scan_string()) return false;
    observer_.key({begin, static_cast<std::size_t>(at_ - 1 - begin)});
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
  Observer& observer_;
};

}  // namespace ashore::json
