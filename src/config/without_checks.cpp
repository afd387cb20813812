// Computes the digest of a pipeline file without its checks.
#include <algorithm>

#include "base/digest.h"
#include "config/reader.h"
#include "config/value_reader.h"
#include "config/yaml_node.h"

namespace ashore::config {
namespace {

Node* find(Node* mapping, std::string_view key) {
  const auto entry = std::ranges::find(mapping->entries, key, &Entry::key);
  return entry == mapping->entries.end() ? nullptr : &entry->value;
}

}  // namespace

std::string sha256_without_checks(std::string_view text) {
  auto document = parse_yaml(text);
  if (!document.root) return base::to_hex(base::sha256(text));
  if (auto* const tables = find(&*document.root, "tables")) {
    for (auto& table : tables->entries) {
      std::erase_if(table.value.entries, [](const Entry& entry) { return entry.key == "checks"; });
    }
  }
  return base::to_hex(base::sha256(json_text(*document.root)));
}

}  // namespace ashore::config
