// Cuts a text with `${...}` in it into its parts, for the reader and for the renderer alike.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashore::config {

enum class PartKind { kText, kRunValue, kEnvironment };

struct TemplatePart {
  PartKind kind = PartKind::kText;
  std::string text;                     // kText: itself, `$${` already `${`; else the name
  std::optional<std::string> fallback;  // kEnvironment: what stands after `:-`
  std::string written;                  // as in the file: "${API_KEY:-none}"
};

// The run values that a request may name.
constexpr std::array<std::string_view, 7> kRunValueNames = {
    "window.start", "window.end", "page", "offset", "cursor", "limit", "keys"};

// Pure. The parts in order; neighbouring texts are one. kPermanent: `${` without `}`, an empty
// name, a name that is neither a run value nor `[A-Z_][A-Z0-9_]*`, a default for a run value.
base::Result<std::vector<TemplatePart>> parse_template(std::string_view text);

}  // namespace ashore::config
