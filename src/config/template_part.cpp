// Cuts texts at `${...}`: `$${` is a literal, `${...}` a name, all else itself.
#include "config/template_part.h"

#include <algorithm>
#include <utility>

#include "config/nearest_name.h"

namespace ashore::config {
namespace {

bool is_environment_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char character) {
    return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
           character == '_';
  });
}

// `inside` stands between the braces.
base::Result<TemplatePart> parse_name(std::string_view inside) {
  TemplatePart part;
  part.written = "${" + std::string(inside) + "}";
  const auto separator = inside.find(":-");
  part.text = inside.substr(0, separator);
  if (separator != std::string_view::npos) part.fallback = inside.substr(separator + 2);
  if (is_environment_name(part.text)) {
    part.kind = PartKind::kEnvironment;
    return part;
  }
  const std::vector<std::string> names(kRunValueNames.begin(), kRunValueNames.end());
  if (std::find(names.begin(), names.end(), part.text) == names.end()) {
    return base::permanent("unknown name in " + part.written)
        .with_remedy(suggestion(part.text, names) +
                     " Environment variables are written in capitals: ${API_TOKEN}.");
  }
  if (part.fallback) {
    return base::permanent("a run value has no default: " + part.written)
        .with_remedy("A key whose run value is absent is left out of the request.");
  }
  part.kind = PartKind::kRunValue;
  return part;
}

void add_text(std::vector<TemplatePart>& parts, std::string_view text, std::string_view written) {
  if (text.empty()) return;
  if (parts.empty() || parts.back().kind != PartKind::kText) parts.emplace_back();
  parts.back().text += text;
  parts.back().written += written;
}

}  // namespace

base::Result<std::vector<TemplatePart>> parse_template(std::string_view text) {
  constexpr std::string_view kOpening = "${";
  std::vector<TemplatePart> parts;
  while (!text.empty()) {
    const auto opening = text.find(kOpening);
    if (opening == std::string_view::npos) {
      add_text(parts, text, text);
      break;
    }
    if (opening > 0 && text[opening - 1] == '$') {  // `$${`
      add_text(parts, text.substr(0, opening - 1), text.substr(0, opening - 1));
      add_text(parts, kOpening, "$${");
      text.remove_prefix(opening + kOpening.size());
      continue;
    }
    add_text(parts, text.substr(0, opening), text.substr(0, opening));
    text.remove_prefix(opening + kOpening.size());
    const auto closing = text.find('}');
    if (closing == std::string_view::npos) {
      return base::permanent("'${' is not closed")
          .with_remedy("Close it with '}'; a literal '${' is written '$${'.");
    }
    TRY(auto part, parse_name(text.substr(0, closing)));
    parts.push_back(std::move(part));
    text.remove_prefix(closing + 1);
  }
  return parts;
}

}  // namespace ashore::config
