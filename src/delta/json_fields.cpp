// Reads fields by simdjson's error codes; nothing here throws.
#include "delta/json_fields.h"

namespace ashore::delta {

namespace {

using base::Result;

base::Error wrong_field(std::string_view key, std::string_view what) {
  return base::permanent("field '" + std::string(key) + "' " + std::string(what));
}

}  // namespace

std::optional<JsonElement> find_field(const JsonElement& object, std::string_view key) {
  JsonElement element;
  if (object[key].get(element) != simdjson::SUCCESS || element.is_null()) return std::nullopt;
  return element;
}

Result<JsonElement> field(const JsonElement& object, std::string_view key) {
  const auto found = find_field(object, key);
  if (!found) return wrong_field(key, "is missing");
  return *found;
}

Result<std::string> text_field(const JsonElement& object, std::string_view key) {
  TRY(const auto element, field(object, key));
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return wrong_field(key, "is not a string");
  return std::string(text);
}

Result<std::int64_t> integer_field(const JsonElement& object, std::string_view key) {
  TRY(const auto element, field(object, key));
  std::int64_t number = 0;
  if (element.get(number) != simdjson::SUCCESS) return wrong_field(key, "is not an integer");
  return number;
}

Result<bool> boolean_field(const JsonElement& object, std::string_view key) {
  TRY(const auto element, field(object, key));
  bool value = false;
  if (element.get(value) != simdjson::SUCCESS) return wrong_field(key, "is not true or false");
  return value;
}

Result<simdjson::dom::array> array_field(const JsonElement& object, std::string_view key) {
  TRY(const auto element, field(object, key));
  simdjson::dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return wrong_field(key, "is not an array");
  return array;
}

Result<simdjson::dom::object> object_field(const JsonElement& object, std::string_view key) {
  TRY(const auto element, field(object, key));
  simdjson::dom::object fields;
  if (element.get(fields) != simdjson::SUCCESS) return wrong_field(key, "is not an object");
  return fields;
}

Result<std::map<std::string, std::string>> text_map_field(const JsonElement& object,
                                                          std::string_view key) {
  std::map<std::string, std::string> texts;
  if (!find_field(object, key)) return texts;
  TRY(const auto fields, object_field(object, key));
  for (const auto entry : fields) {
    std::string_view text;
    if (entry.value.get(text) != simdjson::SUCCESS) return wrong_field(key, "holds no string");
    texts.emplace(entry.key, text);
  }
  return texts;
}

Result<std::vector<std::string>> text_list_field(const JsonElement& object, std::string_view key) {
  std::vector<std::string> texts;
  TRY(const auto array, array_field(object, key));
  for (const auto element : array) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return wrong_field(key, "holds no string");
    texts.emplace_back(text);
  }
  return texts;
}

}  // namespace ashore::delta
