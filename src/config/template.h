// Renders requests: fills `${...}` with run values and environment, and drops what is empty.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "config/pipeline.h"

namespace ashore::config {

// What `${lower.case}` stands for in one request. Absent values resolve to nothing, and the
// mapping key that holds them is dropped (docs/pipeline.md).
struct RunValues {
  std::optional<std::string> window_start;  // already in the window's format
  std::optional<std::string> window_end;
  bool window_is_number = false;  // Unix times: a JSON number where the scalar is exactly `${...}`
  std::optional<std::int64_t> page;
  std::optional<std::int64_t> offset;
  std::optional<std::string> cursor;
  std::optional<std::int64_t> limit;
  std::optional<std::vector<std::string>> keys;
  bool keys_are_numbers = false;  // in a body they are JSON numbers
};

// Pure. A window's ends in the rule's format. A format too coarse for an end takes the start back
// and the end forward to its next step, so that nothing of the window is left out.
RunValues window_values(const base::Window& window, const WindowRule& rule);

// A request ready to be sent, and the same with `${UPPER}` left as written, for manifests and
// messages.
struct RenderedRequest {
  std::string method;
  std::string url;  // base url + path + query, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> body;  // compact JSON

  std::string shown_url;
  std::vector<std::pair<std::string, std::string>> shown_headers;
  std::optional<std::string> shown_body;
};

// Pure. Fills a request for a base url (no trailing '/' needed).
// - A scalar that is exactly one `${...}` keeps its type in the body: page, offset, limit and Unix
//   times are numbers, keys an array, the rest text. Elsewhere keys are joined by ','.
// - A scalar with a `${...}` that resolves to nothing resolves to nothing, whatever else it says.
//   Its mapping key is dropped (query parameter, header, list element likewise); a mapping all of
//   whose values resolved to nothing is itself such a value, once: the mapping around it stays,
//   empty or not. So {query: {at: {$gte: "${window.start}"}}} becomes {query: {}} without dates.
// - The path is percent-encoded as RFC 3986 has it, `/` included where it comes from a value; query
//   names and values are encoded but for the unreserved characters.
// kPermanent: an unknown `${name}`; a variable that is neither in `environment` nor has a default;
// a path with a `${...}` that resolves to nothing, or a value that would make a segment "." or
// ".."; control characters in a header; a body that is not JSON. Auth is not in here: extract adds
// it as secret headers or query. Nor is Content-Type.
base::Result<RenderedRequest> render_request(
    const Request& request, const std::string& base_url, const RunValues& values,
    const std::map<std::string, base::Secret>& environment);

}  // namespace ashore::config
