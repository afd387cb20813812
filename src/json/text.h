// JSON text: strings escaped, objects with keys in the order given, pointers' tokens, numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ashore::json {

// Appends `text` as a JSON string: quotes, backslashes and control characters escaped (a line feed
// as \n, others as \u00XX), all else as it is. Precondition: UTF-8.
void append_string(std::string_view text, std::string* json);
// Pure. The same as a value.
std::string string_text(std::string_view text);

// Where the parts of a number end, in bytes of its text.
struct NumberParts {
  std::size_t integer_begin = 0;  // behind the sign
  std::size_t integer_end = 0;
  std::size_t fraction_end = 0;  // equal to integer_end where there is no point
  bool has_exponent = false;     // "e" stands at fraction_end
};
// Pure. Nothing where the text is no number by JSON's grammar (RFC 8259), or more than one.
std::optional<NumberParts> split_number(std::string_view text);

// Pure. Whether the text is a number by JSON's grammar, and nothing else.
bool is_number(std::string_view text);

// Pure. A key as a token of a JSON Pointer (RFC 6901): ~ as ~0, / as ~1.
std::string pointer_token(std::string_view key);

// Builds one JSON object after another into a string; knows only where commas go. Keys are ASCII
// literals of ours and are not escaped. The string must outlive the writer.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* json) : json_(json) { *json_ += '{'; }

  // Begins a field whose value the caller appends.
  std::string* field(std::string_view key);
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::int64_t value);
  void boolean(std::string_view key, bool value);
  void null(std::string_view key);
  // Ends the object.
  void close() { *json_ += '}'; }

 private:
  std::string* json_;
  bool is_first_ = true;
};

}  // namespace ashore::json
