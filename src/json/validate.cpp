// Validates JSON in one pass over the bytes, without a copy or a tree; simdjson checks the UTF-8.
#include "json/validate.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "json/envelope_scan.h"
#include "json/scanner.h"

namespace ashore::json {

namespace {

using base::Result;
using base::Status;

// "line 3, column 17", counted in bytes from 1.
std::string place_of(std::string_view body, std::size_t offset) {
  const auto before = body.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto line_break = before.rfind('\n');
  const auto column = line_break == std::string_view::npos ? offset + 1 : offset - line_break;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

base::Error not_json(std::string_view body, std::size_t offset, std::string_view why) {
  return base::transient("not JSON: " + std::string(why) + " (" + place_of(body, offset) + ")");
}

std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

// The first byte of the first character that is not UTF-8. Slow: only for messages.
std::size_t first_wrong_character(std::string_view body) {
  std::size_t offset = 0;
  while (offset < body.size()) {
    const auto character = body.substr(offset, character_bytes(body[offset]));
    if (!simdjson::validate_utf8(character.data(), character.size())) break;
    offset += character.size();
  }
  return offset;
}

template <typename Observer>
Status scan_body(std::string_view body, const Limits& limits, Observer* observer) {
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return not_json(body, 0, "the body is empty");
  if (body[first] == '<') return not_json(body, first, "it looks like HTML or XML");
  if (body.starts_with("\xef\xbb\xbf")) return not_json(body, 0, "a byte order mark comes first");
  if (!simdjson::validate_utf8(body.data(), body.size())) {
    return not_json(body, first_wrong_character(body), "bytes that are not UTF-8");
  }
  Scanner scanner(body, static_cast<std::size_t>(std::max(limits.depth_max, 0)), observer);
  if (scanner.scan()) return {};
  const auto offset = static_cast<std::size_t>(scanner.place() - body.data());
  if (!scanner.is_too_deep()) return not_json(body, offset, scanner.reason());
  return base::permanent("JSON nested deeper than " + std::to_string(limits.depth_max) +
                         " levels (" + place_of(body, offset) + ")")
      .with_remedy("Raise limits.depth in the pipeline file if the source is right.");
}

}  // namespace

Status validate(std::string_view body, const Limits& limits) {
  NoObserver nobody;
  return scan_body(body, limits, &nobody);
}

Result<Envelope> scan_page(std::string_view body, const Limits& limits,
                           const EnvelopePaths& paths) {
  EnvelopeScan scan(paths);
  TRY(scan_body(body, limits, &scan));
  auto envelope = std::move(scan).finish();
  // What is missing, or lies in an uncommon way, is told by the reader that looks for it.
  return envelope ? Result<Envelope>(std::move(*envelope)) : read_envelope(body, paths);
}

}  // namespace ashore::json
