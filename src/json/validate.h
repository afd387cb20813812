// Validates a whole body: one complete JSON text, strict UTF-8, bounded nesting.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/envelope.h"

namespace ashore::json {

struct Limits {
  // The deepest nesting of arrays and objects that is accepted, 1 to 100,000; a scalar is at 0.
  int depth_max = 512;
};

// Pure. Escapes of lone surrogates (\ud800) and \u0000 are accepted: they are valid JSON, and the
// rows that hold them are rejected later. Errors:
//   kTransient  not JSON: empty, HTML, cut short, bytes after the end, wrong UTF-8; the message has
//               line and column (asking again may help)
//   kPermanent  nesting past depth_max
base::Status validate(std::string_view body, const Limits& limits);

// Pure. validate() and read_envelope() in one pass over the body, with the errors of both, those of
// validate() first; a body that lacks a declared field, or has it in an uncommon way, is read
// again.
base::Result<Envelope> scan_page(std::string_view body, const Limits& limits,
                                 const EnvelopePaths& paths);

}  // namespace ashore::json
