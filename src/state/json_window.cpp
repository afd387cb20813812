// Renders window ends as RFC 3339 and reads them back, absent ends as null.
#include "state/json_window.h"

namespace ashore::state {

namespace {

using base::Result;
using Json = nlohmann::ordered_json;

Json end_json(const std::optional<base::Timestamp>& end) {
  return end ? Json(base::format_timestamp(*end)) : Json(nullptr);
}

Result<std::optional<base::Timestamp>> read_end(const Json& json) {
  if (json.is_null()) return std::optional<base::Timestamp>();
  TRY(const auto end, base::parse_timestamp(json.get<std::string>(), base::ZoneRule::kRequired));
  return std::optional(end);
}

}  // namespace

nlohmann::ordered_json window_json(const base::Window& window) {
  return {{"start", end_json(window.start)}, {"end", end_json(window.end)}};
}

Result<base::Window> read_window(const Json& json) {
  base::Window window;
  TRY(window.start, read_end(json.at("start")));
  TRY(window.end, read_end(json.at("end")));
  if (window.start && window.end && *window.start >= *window.end) {
    return base::permanent("window ends before it starts: " +
                           base::format_timestamp(*window.start));
  }
  return window;
}

}  // namespace ashore::state
