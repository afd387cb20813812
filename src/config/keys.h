// The table of all keys of a pipeline file: what readers take, documents list and editors suggest.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ashore::config {

// What a key's value may be.
enum class Shape {
  kText,
  kBoolean,
  kInteger,         // from `min` to `max`
  kNumber,          // likewise
  kShare,           // a number from 0, or a percentage: 0.1, "10%"
  kDuration,        // "500ms", "30s", "400d"
  kBytes,           // "64MB", or a number
  kPointer,         // a JSON Pointer
  kChoice,          // one of `choices`
  kColumn,          // a column's name
  kColumns,         // a column's name, or a list of them
  kSection,         // a mapping with the keys of section `of`
  kSections,        // a list of such mappings
  kSectionsByName,  // a mapping from names to such mappings
  kTexts,           // a list of texts
  kIntegers,        // a list of integers from `min` to `max`
  kPairs,           // a mapping from names to texts
  kJson,            // anything that JSON has
};

// A key whose value may be of two shapes has `or_shape` and `or_of`: `cursor: /next` and
// `cursor: {last_item: /id}`.
struct Key {
  std::string_view name;
  Shape shape = Shape::kText;
  std::string_view meaning;            // Markdown, for docs/pipeline.md and editors
  std::string_view default_text = "";  // as shown; "required" where it must be there; "" for none
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const std::string_view> choices = {};
  std::string_view of = "";
  std::string_view earlier = "";  // its name before, still read with a warning
  Shape or_shape = Shape::kText;  // kText: no second shape
  std::string_view or_of = "";
};

struct Section {
  std::string_view name;   // "pages"
  std::string_view title;  // in messages: "'pages'"
  std::vector<Key> keys;   // in the order in which they are documented
};

// Pure. All sections, in the order of the documents. Lives as long as the program.
const std::vector<Section>& sections();
// Pure. Precondition: there is such a section.
const Section& section_of(std::string_view name);
// Pure. nullptr where the section has no such key.
const Key* find_key(const Section& section, std::string_view name);

// Pure. The JSON Schema (draft 2020-12) of a pipeline file, for editors:
// schema/pipeline.schema.json.
std::string pipeline_schema();
// Pure. The table of one section's keys in Markdown, as docs/pipeline.md has it.
std::string keys_table(const Section& section);

}  // namespace ashore::config
