// What a path inside a store may look like.
#pragma once

#include <cassert>
#include <string_view>

namespace ashore::io {

// Pure. No empty, "." or ".." part, no part over 255 bytes, no NUL, not absolute.
inline bool is_store_path(std::string_view path) {
  while (true) {
    const auto end = path.find('/');
    const auto part = path.substr(0, end);
    if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
    if (part.find('\0') != std::string_view::npos) return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

// Asserts is_store_path(): paths are made by our own code.
inline void check_store_path([[maybe_unused]] std::string_view path) {
  assert(is_store_path(path));
}

}  // namespace ashore::io
