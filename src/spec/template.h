// Renders requests: fills `${...}` with run values and environment, and drops what is empty.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "spec/pipeline.h"

namespace ashore::spec {

// What `${lower.case}` stands for in one request. Absent values resolve to nothing, and the
// mapping key that holds them is dropped (contracts.md 1).
struct RunValues {
  std::optional<std::string> window_start;  // already in the window's format
  std::optional<std::string> window_end;
  std::optional<std::int64_t> page;
  std::optional<std::int64_t> offset;
  std::optional<std::string> cursor;
  std::optional<std::int64_t> limit;
  std::optional<std::vector<std::string>> keys;
};

// Pure. A window's ends in the rule's format.
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

// Pure. Fills a request for a base url (no trailing '/' needed). kPermanent: an unknown `${name}`.
// Auth is not in here: extract adds it as secret headers or query.
base::Result<RenderedRequest> render_request(const Request& request, const std::string& base_url,
                                             const RunValues& values,
                                             const std::map<std::string, base::Secret>& environment);

}  // namespace ashore::spec
