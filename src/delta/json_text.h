// Appends JSON to a string: strings escaped, objects with keys in the order given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ashore::delta {

// Appends `text` as a JSON string: quotes, backslashes and control characters escaped, all else as
// it is. Precondition: UTF-8.
void append_json_string(std::string_view text, std::string* json);

// Builds one JSON object after another into a string; knows only where commas go. Keys are ASCII
// literals of ours and are not escaped. The string must outlive the writer.
class JsonObjectWriter {
 public:
  explicit JsonObjectWriter(std::string* json) : json_(json) { *json_ += '{'; }

  // Begins a field whose value the caller appends.
  std::string* field(std::string_view key);
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::int64_t value);
  void boolean(std::string_view key, bool value);
  // Ends the object.
  void close() { *json_ += '}'; }

 private:
  std::string* json_;
  bool is_first_ = true;
};

}  // namespace ashore::delta
