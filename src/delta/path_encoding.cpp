// Encodes a log's paths by RFC 2396 and keeps them inside their table's folder.
#include "delta/path_encoding.h"

#include "base/percent_encoding.h"

namespace ashore::delta {

namespace {

using base::Result;

// Whether every part of a path is a name, so that it stays below its folder.
bool stays_inside(std::string_view path) {
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (part.find('\0') != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string encode_log_path(std::string_view path) {
  return base::percent_encoded(path, base::PlainBytes::kLogPath);
}

Result<std::string> decode_log_path(std::string_view text) {
  if (text.starts_with('/') || text.substr(0, text.find('/')).find(':') != std::string_view::npos) {
    return base::permanent("file outside the table's folder: '" + std::string(text) + "'");
  }
  auto path = base::percent_decoded(text);
  if (!path) return base::permanent("path is not percent-encoded: '" + std::string(text) + "'");
  if (!stays_inside(*path)) {
    return base::permanent("path leaves the table's folder: '" + std::string(text) + "'");
  }
  return std::move(*path);
}

}  // namespace ashore::delta
