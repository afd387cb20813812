// Writes the table of keys as JSON Schema and as Markdown.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "config/keys.h"

namespace ashore::config {

namespace {

using Json = nlohmann::ordered_json;

// Wherever a value is read, `${NAME}` may stand for it.
constexpr const char* kVariable = R"(\$\{[A-Z_][A-Z0-9_]*(:-[^}]*)?\})";
constexpr const char* kDuration = R"(^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$)";
constexpr const char* kBytes = R"(^[0-9]+(\.[0-9]+)?(B|kB|MB|GB|KiB|MiB|GiB)?$)";
// Units as quantity.h reads them; an editor refuses what the reader would.
constexpr const char* kShare = R"(^[0-9]+(\.[0-9]+)?%$)";

Json reference(std::string_view section) { return {{"$ref", "#/$defs/" + std::string(section)}}; }

Json variable() { return {{"type", "string"}, {"pattern", kVariable}}; }

Json text_or_variable(const char* pattern) {
  return {{"anyOf", {{{"type", "string"}, {"pattern", pattern}}, variable()}}};
}

Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json number(const char* type, const Key& key) {
  Json json = {{"type", type}, {"minimum", key.min}, {"maximum", key.max}};
  return {{"anyOf", {std::move(json), variable()}}};
}

Json choice(const Key& key) {
  Json json = {{"enum", Json::array()}};
  for (const auto& one : key.choices) json["enum"].push_back(one);
  return {{"anyOf", {std::move(json), variable()}}};
}

Json scalar() { return {{"type", {"string", "number", "boolean", "null"}}}; }

Json shape_of(const Key& key, Shape shape, std::string_view of) {
  switch (shape) {
    // Names and pointers are looked up in the file itself, which no schema can say.
    case Shape::kText:
    case Shape::kColumn:
    case Shape::kPointer:
      return {{"type", "string"}};
    case Shape::kBoolean:
      return {{"anyOf", {{{"type", "boolean"}}, variable()}}};
    case Shape::kInteger:
      return number("integer", key);
    case Shape::kNumber:
      return number("number", key);
    case Shape::kShare:
      return {{"anyOf", {{{"type", "number"}, {"minimum", 0}}, text_or_variable(kShare)}}};
    case Shape::kDuration:
      return text_or_variable(kDuration);
    case Shape::kBytes:
      return {{"anyOf", {{{"type", "integer"}, {"minimum", 0}}, text_or_variable(kBytes)}}};
    case Shape::kChoice:
      return choice(key);
    case Shape::kColumns:
      return {{"anyOf", {{{"type", "string"}}, list_of({{"type", "string"}})}}};
    case Shape::kSection:
      return reference(of);
    case Shape::kSections:
      return list_of(reference(of));
    case Shape::kSectionsByName:
      return {{"type", "object"}, {"additionalProperties", reference(of)}};
    case Shape::kTexts:
      return list_of({{"type", "string"}});
    case Shape::kIntegers:
      return list_of(number("integer", key));
    case Shape::kPairs:
      return {{"type", "object"}, {"additionalProperties", scalar()}};
    case Shape::kJson:
      return Json::object();
  }
  return Json::object();
}

std::string without_backticks(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '`');
  return plain;
}

Json key_schema(const Key& key) {
  Json json = shape_of(key, key.shape, key.of);
  if (key.or_shape != Shape::kText) {
    json = {{"anyOf", {std::move(json), shape_of(key, key.or_shape, key.or_of)}}};
  }
  auto description = without_backticks(key.meaning);
  if (!key.default_text.empty() && key.default_text != "required") {
    description += " (default: " + without_backticks(key.default_text) + ")";
  }
  json["description"] = description;
  return json;
}

Json section_schema(const Section& section) {
  Json json = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const auto& key : section.keys) {
    json["properties"][std::string(key.name)] = key_schema(key);
    if (key.default_text == "required") json["required"].push_back(key.name);
    if (key.earlier.empty()) continue;
    auto earlier = key_schema(key);
    earlier["deprecated"] = true;
    earlier["description"] = "now called " + std::string(key.name);
    json["properties"][std::string(key.earlier)] = std::move(earlier);
  }
  if (json["required"].empty()) json.erase("required");
  json["additionalProperties"] = false;
  return json;
}

}  // namespace

std::string pipeline_schema() {
  Json json = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", "A pipeline file of ashore"}};
  json.update(section_schema(section_of("file")));
  json["$defs"] = Json::object();
  for (const auto& section : sections()) {
    if (section.name != "file") json["$defs"][std::string(section.name)] = section_schema(section);
  }
  return json.dump(2) + "\n";
}

std::string keys_table(const Section& section) {
  std::string table = "| key | meaning | default |\n|---|---|---|\n";
  for (const auto& key : section.keys) {
    table += "| `" + std::string(key.name) + "` | " + std::string(key.meaning) + " | " +
             std::string(key.default_text) + " |\n";
  }
  return table;
}

}  // namespace ashore::config
