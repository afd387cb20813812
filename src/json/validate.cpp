// simdjson's DOM parser says yes or no; a second parser finds the place, only where it was no.
#include "json/validate.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <optional>
#include <string>

#include "json/padded_body.h"

namespace ashore::json {

namespace {

using base::Status;

std::optional<unsigned> hex4(const char* digits) {
  unsigned value = 0;
  for (int index = 0; index < 4; ++index) {
    const auto digit = static_cast<unsigned char>(digits[index]);
    if (std::isxdigit(digit) == 0) return std::nullopt;
    const int lower = std::tolower(digit);
    value = value * 16 + static_cast<unsigned>(lower <= '9' ? lower - '0' : lower - 'a' + 10);
  }
  return value;
}

// simdjson refuses escapes of lone surrogates, which RFC 8259 allows: writes \ufffd over them. The
// length stays the same. Returns whether there was any. Only called once the plain parse failed.
bool mask_lone_surrogates(char* text, std::size_t size) {
  bool found = false;
  for (std::size_t index = 0; index + 1 < size; ++index) {
    if (text[index] != '\\') continue;
    if (text[index + 1] != 'u' || index + 6 > size) {
      ++index;  // an escape of one character; its second byte is no start of another
      continue;
    }
    const auto unit = hex4(text + index + 2);
    const bool is_high = unit && *unit >= 0xd800 && *unit < 0xdc00;
    const bool is_low = unit && *unit >= 0xdc00 && *unit < 0xe000;
    const bool has_next = is_high && index + 12 <= size && text[index + 6] == '\\' &&
                          text[index + 7] == 'u';
    const auto next = has_next ? hex4(text + index + 8) : std::nullopt;
    if (next && *next >= 0xdc00 && *next < 0xe000) {
      index += 11;
      continue;
    }
    if (is_high || is_low) {
      std::memcpy(text + index + 2, "fffd", 4);
      found = true;
    }
    index += 5;
  }
  return found;
}

// Finds the byte at which a body stops being JSON.
class ErrorFinder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    position_ = position;
    return false;
  }
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  std::size_t position_ = 0;
};

std::string place_of(std::string_view body) {
  ErrorFinder finder;
  (void)nlohmann::json::sax_parse(body, &finder);
  const auto position = std::min(finder.position() == 0 ? 0 : finder.position() - 1, body.size());
  const auto before = body.substr(0, position);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last_break = before.rfind('\n');
  const auto column =
      last_break == std::string_view::npos ? position + 1 : position - last_break;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string reason_of(std::string_view body, simdjson::error_code code) {
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "the body is empty";
  if (body[first] == '<') return "it looks like HTML";
  switch (code) {
    case simdjson::UTF8_ERROR:
      return "bytes that are not UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string without an end: the body was cut short";
    case simdjson::STRING_ERROR:
      return "a wrong escape in a string";
    case simdjson::NUMBER_ERROR:
      return "a wrong number";
    default:
      return "wrong or missing characters";
  }
}

std::size_t skip_digits(std::string_view text, std::size_t index) {
  while (index < text.size() && text[index] >= '0' && text[index] <= '9') ++index;
  return index;
}

// The length of the JSON number at the front of a text, 0 where there is none.
std::size_t number_length(std::string_view text) {
  std::size_t index = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = index;
  index = skip_digits(text, index);
  if (index == whole || (text[whole] == '0' && index > whole + 1)) return 0;
  if (index < text.size() && text[index] == '.') {
    const std::size_t fraction = index + 1;
    index = skip_digits(text, fraction);
    if (index == fraction) return 0;
  }
  if (index < text.size() && (text[index] == 'e' || text[index] == 'E')) {
    ++index;
    if (index < text.size() && (text[index] == '+' || text[index] == '-')) ++index;
    const std::size_t exponent = index;
    index = skip_digits(text, exponent);
    if (index == exponent) return 0;
  }
  return index;
}

// simdjson refuses integers past 64 bits and numbers past a double, which JSON allows: writes 1 and
// spaces over every number of correct grammar. Only called once the plain parse failed.
void mask_numbers(char* text, std::size_t size) {
  bool is_in_string = false;
  for (std::size_t index = 0; index < size; ++index) {
    if (text[index] == '\\' && is_in_string) {
      ++index;
    } else if (text[index] == '"') {
      is_in_string = !is_in_string;
    } else if (!is_in_string) {
      const auto length = number_length({text + index, size - index});
      if (length == 0) continue;
      text[index] = '1';
      std::memset(text + index + 1, ' ', length - 1);
      index += length - 1;
    }
  }
}

}  // namespace

Status validate(std::string_view body, const Limits& limits) {
  simdjson::dom::parser parser;
  PaddedBody padded(body);
  const auto parse = [&] {
    const auto code = parser.allocate(std::max<std::size_t>(padded.size(), 32),
                                      static_cast<std::size_t>(limits.depth_max) + 1);
    if (code != simdjson::SUCCESS) return code;
    return parser.parse(padded.view()).error();
  };
  auto code = parse();
  // A body may have both peculiarities, in any order.
  if (code == simdjson::NUMBER_ERROR) {
    mask_numbers(padded.data(), padded.size());
    code = parse();
  }
  if (code == simdjson::STRING_ERROR && mask_lone_surrogates(padded.data(), padded.size())) {
    code = parse();
  }
  if (code == simdjson::SUCCESS) return {};
  if (code == simdjson::DEPTH_ERROR) {
    return base::permanent("JSON nested deeper than " + std::to_string(limits.depth_max) +
                           " levels")
        .with_remedy("Raise limits.depth in the pipeline file if the source is right.");
  }
  if (code == simdjson::MEMALLOC || code == simdjson::CAPACITY) {
    return base::transient("not enough memory to read a body of " + std::to_string(body.size()) +
                           " bytes");
  }
  if (code == simdjson::NUMBER_ERROR) {
    mask_numbers(padded.data(), padded.size());
    code = parse();
    if (code == simdjson::SUCCESS) return {};
  }
  const std::string_view masked(padded.data(), padded.size());
  return base::transient("not JSON: " + reason_of(body, code) + " (" + place_of(masked) + ")");
}

}  // namespace ashore::json
