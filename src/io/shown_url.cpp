// Hides what urls in a text keep secret.
// Scans texts for urls; what it cannot tell from a password it takes for one.
#include "io/shown_url.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ashore::io {

namespace {

constexpr std::string_view kHidden = "***";
constexpr std::string_view kTextEnds = " \t\r\n\"'<>`{}|\\^";

bool is_letter_or_digit(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0;
}

bool is_key_word(std::string_view word) {
  constexpr std::array<std::string_view, 24> kWords = {
      "key",         "apikey",      "accesskey",     "secret",     "secrets",   "token",
      "accesstoken", "password",    "passwd",        "passphrase", "pwd",       "pass",
      "pw",          "auth",        "authorization", "signature",  "sig",       "hmac",
      "credential",  "credentials", "jwt",           "session",    "sessionid", "sid"};
  return std::ranges::find(kWords, word) != kWords.end();
}

// Where what began at `at` ends: at white space, quotes or brackets.
std::size_t end_of_word(std::string_view text, std::size_t at) {
  return std::min(text.find_first_of(kTextEnds, at), text.size());
}

bool has_only_digits(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char character) { return character >= '0' && character <= '9'; });
}

bool is_http(std::string_view text, std::size_t colon) {
  const auto is_scheme = [&](std::string_view scheme) {
    if (colon < scheme.size()) return false;
    return std::ranges::equal(text.substr(colon - scheme.size(), scheme.size()), scheme, {},
                              [](char c) { return static_cast<char>(std::tolower(c)); });
  };
  return is_scheme("http") || is_scheme("https");
}

// Where the user information that begins at `at` ends, behind its '@'; `at` if there is none.
std::size_t end_of_user(std::string_view text, std::size_t at, bool is_http_url) {
  const auto word_end = end_of_word(text, at);
  const auto authority_end = std::min(text.find_first_of("/?#", at), word_end);
  const auto authority = text.substr(at, authority_end - at);
  const auto last_at = [&](std::size_t end) -> std::size_t {
    const auto found = text.substr(at, end - at).rfind('@');
    return found == std::string_view::npos ? at : at + found + 1;
  };
  // A password with a raw '/' in it ends the authority too early: then what looks like the port is
  // no number. In http urls a path may hold an '@'.
  const auto colon = authority.rfind(':');
  const bool is_odd = colon != std::string_view::npos && authority.find('@') == authority.npos &&
                      authority.find(']') == authority.npos &&
                      !has_only_digits(authority.substr(colon + 1));
  if (!is_http_url || is_odd) return last_at(std::min(text.find('?', at), word_end));
  return last_at(authority_end);
}

// Copies user information as "***@" where it begins at `*at`.
void hide_user(std::string_view text, bool is_http_url, std::size_t* at, std::string* shown) {
  const auto end = end_of_user(text, *at, is_http_url);
  if (end == *at) return;
  *shown += kHidden;
  *shown += '@';
  *at = end;
}

// Copies "name=***" where a parameter with a key begins at `*at`.
void hide_parameter(std::string_view text, std::size_t* at, std::string* shown) {
  const auto equals = text.find_first_of("=&#? \t\r\n\"'<>", *at);
  if (equals == std::string_view::npos || text[equals] != '=') return;
  const auto name = text.substr(*at, equals - *at);
  if (!is_key_name(name)) return;
  auto end = std::min(text.find_first_of("&#;,)", equals + 1), end_of_word(text, equals + 1));
  *shown += std::string(name) + "=";
  if (end > equals + 1) *shown += kHidden;
  *at = end;
}

}  // namespace

bool is_key_name(std::string_view name) {
  std::string word;
  bool was_lower = false;
  for (const char character : name) {
    const bool is_upper = character >= 'A' && character <= 'Z';
    if (!is_letter_or_digit(character) || (is_upper && was_lower)) {
      if (is_key_word(word)) return true;
      word.clear();
    }
    if (is_letter_or_digit(character)) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    }
    was_lower = character >= 'a' && character <= 'z';
  }
  return is_key_word(word);
}

std::string without_keys(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const char character = text[at];
    shown += character;
    ++at;
    if (character == '?' || character == '&') hide_parameter(text, &at, &shown);
    const bool is_authority = character == '/' && at >= 3 && text.substr(at - 3, 3) == "://";
    if (is_authority) hide_user(text, is_http(text, at - 3), &at, &shown);
  }
  return shown;
}

}  // namespace ashore::io
