// JsonCursor walks a JSON text token by token over its structural index.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ashore::transform {

// A view: text and positions (of JsonIndex) must outlive it. It never reads outside the text; it
// checks brackets, not grammar: pages were validated in full before they counted as landed.
class JsonCursorView {
 public:
  JsonCursorView(std::string_view text, std::span<const std::uint32_t> positions)
      : text_(text), positions_(positions.data()), count_(positions.size()) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }
  void next() { ++at_; }
  [[nodiscard]] bool is_over() const { return at_ >= count_; }
  // The first character of the token here; NUL behind the last.
  [[nodiscard]] char peek() const { return is_over() ? '\0' : text_[positions_[at_]]; }

  // The whole token at `at`, without the white space after it.
  [[nodiscard]] std::string_view token(std::size_t at) const {
    if (at >= count_) return {};
    const std::size_t begin = positions_[at];
    std::size_t end = positions_[at + 1];
    while (end > begin && is_space(text_[end - 1])) --end;
    return {text_.data() + begin, end - begin};
  }

  // Goes behind the value here, whose exact text is `value`. False: there is none, or its brackets
  // do not close.
  bool take_value(std::string_view* value) {
    const auto begin = at_;
    if (!skip_value()) return false;
    *value = value_from(begin);
    return true;
  }

  // Goes behind a key and its colon where the text here is this very key, in quotes, and a colon
  // follows at once.
  bool skip_key(std::string_view quoted) {
    if (at_ + 1 >= count_) return false;
    const std::size_t begin = positions_[at_];
    if (positions_[at_ + 1] != begin + quoted.size()) return false;
    if (text_[positions_[at_ + 1]] != ':') return false;
    if (!is_same(text_.data() + begin, quoted)) return false;
    at_ += 2;
    return true;
  }

  // Goes behind the value here. False: there is none, or its brackets do not close.
  bool skip_value() {
    switch (kKinds[static_cast<unsigned char>(peek())]) {
      case Kind::kNone:
        return false;
      case Kind::kScalar:
        ++at_;
        return true;
      case Kind::kNested:
        ++at_;
        return skip_rest();
    }
    return false;
  }

  // The exact text of the value that began at `begin` and that was just gone past.
  [[nodiscard]] std::string_view value_from(std::size_t begin) const {
    if (at_ == begin + 1) return token(begin);
    return {text_.data() + positions_[begin], positions_[at_ - 1] + 1 - positions_[begin]};
  }

 private:
  // What a token begins, by its first character.
  enum class Kind : std::uint8_t { kScalar, kNested, kNone };
  static constexpr std::array<Kind, 256> kKinds = [] {
    std::array<Kind, 256> kinds{};
    for (const char nested : {'{', '['}) kinds[static_cast<unsigned char>(nested)] = Kind::kNested;
    for (const char none : {'\0', '}', ']', ':', ','}) {
      kinds[static_cast<unsigned char>(none)] = Kind::kNone;
    }
    return kinds;
  }();

  // Goes behind the bracket that closes the one just gone past.
  bool skip_rest() {
    for (std::size_t depth = 1; depth > 0; ++at_) {
      if (at_ >= count_) return false;
      const char character = text_[positions_[at_]];
      // '[' and '{' are 0x5b and 0x7b, ']' and '}' 0x5d and 0x7d: one bit apart.
      const int folded = character | 0x20;
      if (folded == '{') ++depth;
      if (folded == '}') --depth;
    }
    return true;
  }

  // Keys are short: a call of memcmp takes longer. What is left of a few words is compared as the
  // last word, which overlaps the one before.
  static bool is_same(const char* text, std::string_view other) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    if (other.size() < kWord) {
      for (std::size_t at = 0; at < other.size(); ++at) {
        if (text[at] != other[at]) return false;
      }
      return true;
    }
    const std::size_t last = other.size() - kWord;
    for (std::size_t at = 0; at < last; at += kWord) {
      if (word(text + at) != word(other.data() + at)) return false;
    }
    return word(text + last) == word(other.data() + last);
  }
  static std::uint64_t word(const char* text) {
    std::uint64_t value = 0;
    std::memcpy(&value, text, sizeof value);
    return value;
  }

  // No token ends with a character below the blank.
  static bool is_space(char character) { return static_cast<unsigned char>(character) <= ' '; }

  std::string_view text_;
  const std::uint32_t* positions_;
  std::size_t count_;
  std::size_t at_ = 0;
};

}  // namespace ashore::transform
