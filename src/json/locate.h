// Walks On-Demand documents to the value at a pointer.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "json/pointer.h"

namespace ashore::json {

// Compares keys as written, so a key with escapes is found only by its own spelling. For the whole
// document use the document itself. Precondition: !pointer.is_root().
template <typename Node>
simdjson::simdjson_result<simdjson::ondemand::value> locate(Node& node, const Pointer& pointer) {
  return node.at_pointer(pointer.to_string());
}

// The value's exact text without white space around it.
inline std::string_view trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

}  // namespace ashore::json
