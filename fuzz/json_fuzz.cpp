// Bodies of answers: accepted exactly when nlohmann-json accepts them, and cut into JSON.
#include <nlohmann/json.hpp>

#include "json/envelope.h"
#include "json/validate.h"
#include "target.h"

namespace ashore::fuzz {

namespace {

// As json::validate() counts: a scalar is at 0.
int depth_of(const nlohmann::json& value) {
  int deepest = 0;
  if (!value.is_structured()) return 0;
  for (const auto& child : value) deepest = std::max(deepest, depth_of(child));
  return deepest + 1;
}

// Halves of surrogate pairs are valid JSON by its grammar, yet nlohmann-json refuses them.
bool has_surrogate_escape(std::string_view text) {
  return text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos;
}

// One pass finds what the reader of envelopes finds.
void compare_envelopes(std::string_view body, const json::Limits& limits) {
  const auto at = [](std::string_view text) { return json::Pointer::parse(text).value(); };
  const json::EnvelopePaths paths{at("/docs"), at("/id"), at("/total"), {}, at("/next"), at("/more"), {}};
  const json::EnvelopePaths root{json::Pointer(), at("/id"), {}, {}, {}, {}, {}};
  for (const auto* const one : {&paths, &root}) {
    const auto scanned = json::scan_page(body, limits, *one);
    const auto read = json::read_envelope(body, *one);
    must(scanned.ok() == read.ok(), "both readers accept an envelope or both refuse it");
    if (!read.ok()) continue;
    must(scanned.value().items_count == read.value().items_count &&
             scanned.value().ids == read.value().ids && scanned.value().total == read.value().total &&
             scanned.value().next == read.value().next &&
             scanned.value().next_kind == read.value().next_kind &&
             scanned.value().more == read.value().more,
         "both readers find the same");
  }
}

}  // namespace

void json(std::string_view bytes) {
  constexpr json::Limits kLimits{.depth_max = 64};
  const auto status = json::validate(bytes, kLimits);
  // No JSON holds this byte; nlohmann-json takes it for the end.
  if (bytes.find('\0') != std::string_view::npos) {
    must(!status.ok(), "a zero byte is refused");
    return;
  }
  // A number past a double is JSON, yet nlohmann-json throws on it.
  nlohmann::json second;
  bool is_accepted = true;
  try {
    second = nlohmann::json::parse(bytes);
  } catch (const nlohmann::json::out_of_range&) {
    return;
  } catch (const nlohmann::json::parse_error&) {
    is_accepted = false;
  }
  if (!is_accepted && has_surrogate_escape(bytes)) return;
  if (is_accepted && depth_of(second) > kLimits.depth_max) {
    must(!status.ok() && status.error().kind() == base::ErrorKind::kPermanent, "depth is bounded");
    return;
  }
  // A byte order mark is none of JSON's; nlohmann-json skips it.
  if (bytes.starts_with("\xef\xbb\xbf")) return;
  must(status.ok() == is_accepted, "both libraries accept a body or both refuse it");
  if (!status.ok()) return;
  compare_envelopes(bytes, kLimits);
  json::EnvelopePaths root;
  const auto envelope = json::read_envelope(bytes, root);
  must(envelope.ok() == second.is_structured(), "arrays and objects hold items");
  if (!envelope.ok()) return;
  const std::size_t count = second.is_array() ? second.size() : 1;
  must(envelope.value().items_count == static_cast<std::int64_t>(count),
       "as many items as the second library counts");
}

}  // namespace ashore::fuzz
