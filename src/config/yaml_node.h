// Node is a YAML document as plain structs with marks; yaml-cpp stays behind parse_yaml().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/pipeline.h"

namespace ashore::config {

enum class NodeKind { kNull, kScalar, kList, kMapping };

struct Entry;

// A value type; owns all below it. At most kDepthMax levels deep.
struct Node {
  NodeKind kind = NodeKind::kNull;
  Mark mark;
  std::string text;         // kScalar: as written, without quotes and escapes
  bool is_plain = false;    // kScalar: written without quotes, so it may be a number or a boolean
  std::vector<Node> items;  // kList
  std::vector<Entry> entries;  // kMapping, in the file's order, keys distinct
};

struct Entry {
  std::string key;
  Mark mark;  // of the key
  Node value;
};

// A complaint that does not know its file yet.
struct Finding {
  Mark mark;
  std::string what;
  std::string remedy;
};

struct YamlDocument {
  std::optional<Node> root;       // absent when the text could not be read to its end
  std::vector<Finding> findings;  // duplicate keys leave a root, all others do not
};

constexpr std::size_t kTextBytesMax = 1'048'576;  // a pipeline file is a few kilobytes
constexpr int kDepthMax = 64;

// Pure. Reads one YAML document. Never throws; time and memory are linear in at most
// kTextBytesMax. Refused: more bytes than that, NUL, text that is not UTF-8, several documents,
// aliases, tags, keys that are not scalars, nesting deeper than kDepthMax.
YamlDocument parse_yaml(std::string_view text);

// What a plain scalar says by YAML's core schema, with JSON's grammar for numbers.
enum class ScalarKind { kNull, kBoolean, kNumber, kText };
// Pure. The kind of a plain scalar's text; null is written `null`, `~` or nothing.
ScalarKind scalar_kind(std::string_view text);
}  // namespace ashore::config
