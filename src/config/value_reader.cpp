// Takes typed values from nodes, with the environment filled in.
// Typed values from nodes; the environment's values never reach a complaint.
#include "config/value_reader.h"

#include <algorithm>
#include <utility>

#include "config/nearest_name.h"
#include "config/quantity.h"
#include "config/template_part.h"

namespace ashore::config {
namespace {

// An environment value has no YAML type, so a quoted "${ATTEMPTS}" may still be a number.
bool may_be_untyped(const Node& node) {
  return node.is_plain || node.text.find("${") != std::string::npos;
}

std::string range_text(Range range) {
  return "an integer from " + std::to_string(range.min) + " to " + std::to_string(range.max);
}

}  // namespace

void ValueReader::complain(Mark mark, std::string what, std::string remedy) {
  findings_.push_back({mark, std::move(what), std::move(remedy)});
}

void ValueReader::warn(Mark mark, std::string what, std::string remedy) {
  warnings_.push_back({mark, std::move(what), std::move(remedy)});
}

void ValueReader::complain_type(const Node& node, std::string_view what,
                                std::string_view expected) {
  complain(node.mark,
           std::string(what) + ": expected " + std::string(expected) + ", found " + described(node),
           "See docs/pipeline.md.");
}

void ValueReader::note_unset(Mark mark, std::string_view what, const std::string& name) {
  auto& notes = unset_ == UnsetVariables::kWarn ? warnings_ : findings_;
  notes.push_back({mark, std::string(what) + "environment variable is not set: " + name,
                   "Set it, or give a default: ${" + name + ":-default}."});
}

std::optional<std::string> ValueReader::variable(std::string_view name) const {
  return lookup_ ? lookup_(name) : std::nullopt;
}

std::optional<std::string> ValueReader::expanded(const Node& node, std::string_view what,
                                                 std::string_view expected) {
  if (node.kind != NodeKind::kScalar) {
    complain_type(node, what, expected);
    return std::nullopt;
  }
  const auto parts = parse_template(node.text);
  if (!parts.ok()) {
    complain(node.mark, std::string(what) + ": " + parts.error().what(), parts.error().remedy());
    return std::nullopt;
  }
  std::string text;
  for (const auto& part : parts.value()) {
    if (part.kind == PartKind::kText) {
      text += part.text;
    } else if (part.kind == PartKind::kRunValue) {
      complain(node.mark,
               std::string(what) + ": run values exist only in requests: " + part.written,
               "Write the value itself, or an environment variable: ${NAME}.");
      return std::nullopt;
    } else {
      auto value = variable(part.text);
      if (part.fallback && (!value || value->empty())) value = part.fallback;
      if (!value) {
        note_unset(node.mark, std::string(what) + ": ", part.text);
        return std::nullopt;
      }
      text += *value;
    }
  }
  return text;
}

std::optional<std::string> ValueReader::text(const Node& node, std::string_view what) {
  auto value = expanded(node, what, "text");
  if (value && node.is_plain && scalar_kind(node.text) != ScalarKind::kText) {
    complain(node.mark, std::string(what) + ": expected text, found " + described(node),
             "Put it in quotes.");
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ValueReader::boolean(const Node& node, std::string_view what) {
  const auto value = expanded(node, what, "true or false");
  if (!value) return std::nullopt;
  if (!may_be_untyped(node) || scalar_kind(*value) != ScalarKind::kBoolean) {
    complain_type(node, what, "true or false");
    return std::nullopt;
  }
  return value->front() == 't' || value->front() == 'T';
}

std::optional<std::int64_t> ValueReader::integer(const Node& node, std::string_view what,
                                                 Range range) {
  const auto value = expanded(node, what, range_text(range));
  if (!value) return std::nullopt;
  const auto number = may_be_untyped(node) ? parse_integer(*value) : std::nullopt;
  if (!number || *number < range.min || *number > range.max) {
    complain_type(node, what, range_text(range));
    return std::nullopt;
  }
  return number;
}

std::optional<double> ValueReader::number(const Node& node, std::string_view what) {
  const auto value = expanded(node, what, "a number");
  if (!value) return std::nullopt;
  const auto number = may_be_untyped(node) ? parse_number(*value) : std::nullopt;
  if (!number) complain_type(node, what, "a number");
  return number;
}

std::optional<double> ValueReader::share(const Node& node, std::string_view what, double max) {
  const std::string_view expected = max > 1 ? "a share (1.5) or a percentage (150%)"
                                            : "a share from 0 to 1 (0.001) or a percentage (0.1%)";
  const auto value = expanded(node, what, expected);
  if (!value) return std::nullopt;
  const auto share = parse_share(*value, max);
  if (!share) complain_type(node, what, expected);
  return share;
}

std::optional<std::chrono::milliseconds> ValueReader::duration(const Node& node,
                                                               std::string_view what) {
  constexpr std::string_view kExpected = "a duration (500ms, 30s, 10m, 12h, 400d)";
  const auto value = expanded(node, what, kExpected);
  if (!value) return std::nullopt;
  const auto duration = parse_duration(*value);
  if (!duration) complain_type(node, what, kExpected);
  return duration;
}

std::optional<std::int64_t> ValueReader::bytes(const Node& node, std::string_view what) {
  constexpr std::string_view kExpected = "a size (64MB, 1GiB, or a number of bytes)";
  const auto value = expanded(node, what, kExpected);
  if (!value) return std::nullopt;
  const auto bytes = parse_bytes(*value);
  if (!bytes) complain_type(node, what, kExpected);
  return bytes;
}

std::optional<json::Pointer> ValueReader::pointer(const Node& node, std::string_view what) {
  const auto value = expanded(node, what, "a JSON Pointer (/a/b)");
  if (!value) return std::nullopt;
  auto pointer = json::Pointer::parse(*value);
  if (!pointer.ok()) {
    complain(node.mark, std::string(what) + ": not a JSON Pointer, found " + described(node),
             "Write it as /a/b, or \"\" for the whole; '~' is ~0 and '/' in a key is ~1.");
    return std::nullopt;
  }
  return std::move(pointer).value();
}

std::optional<std::size_t> ValueReader::choice(const Node& node, std::string_view what,
                                               std::span<const std::string_view> choices) {
  const auto value = text(node, what);
  if (!value) return std::nullopt;
  const auto* const found = std::find(choices.data(), choices.data() + choices.size(), *value);
  if (found != choices.data() + choices.size()) {
    return static_cast<std::size_t>(found - choices.data());
  }
  complain(node.mark, std::string(what) + ": unknown choice " + shown(node.text),
           suggestion(node.text, {choices.begin(), choices.end()}));
  return std::nullopt;
}

std::optional<MarkedName> ValueReader::name(const Node& node, std::string_view what) {
  if (node.kind != NodeKind::kScalar) {
    complain_type(node, what, "a name");
    return std::nullopt;
  }
  return MarkedName{node.text, node.mark};
}

std::vector<MarkedName> ValueReader::names(const Node& node, std::string_view what) {
  std::vector<MarkedName> names;
  if (node.kind != NodeKind::kList) {
    if (const auto single = name(node, what)) names.push_back(*single);
    return names;
  }
  for (const auto& item : node.items) {
    const auto next = name(item, what);
    if (!next) continue;
    const bool is_repeated = std::any_of(names.begin(), names.end(), [&](const MarkedName& other) {
      return other.name == next->name;
    });
    if (is_repeated) {
      complain(item.mark, std::string(what) + ": named twice: " + shown(item.text), "Remove one.");
    } else {
      names.push_back(*next);
    }
  }
  return names;
}

std::optional<std::string> ValueReader::json(const Node& node) {
  if (node.kind != NodeKind::kScalar) return json_text(node);
  auto filled = node;
  const auto value = expanded(node, "default", "a value");
  if (!value) return std::nullopt;
  filled.text = *value;
  return json_text(filled);
}

std::optional<std::string> ValueReader::request_text(const Node& node, std::string_view what,
                                                     std::vector<MarkedName>& run_values) {
  if (node.kind != NodeKind::kScalar) {
    complain_type(node, what, "text");
    return std::nullopt;
  }
  if (!check_request_text(node.text, node.mark, run_values)) return std::nullopt;
  return node.text;
}

bool ValueReader::check_request_text(const std::string& text, Mark mark,
                                     std::vector<MarkedName>& run_values) {
  const auto parts = parse_template(text);
  if (!parts.ok()) {
    complain(mark, parts.error().what(), parts.error().remedy());
    return false;
  }
  bool is_complete = true;
  for (const auto& part : parts.value()) {
    if (part.kind == PartKind::kRunValue) run_values.push_back({part.text, mark});
    if (part.kind != PartKind::kEnvironment) continue;
    const auto value = variable(part.text);
    // An empty variable takes the default, as in a shell, so it is not captured.
    if (value && !(part.fallback && value->empty())) {
      captured_.insert_or_assign(part.text, base::Secret(*value));
    } else if (!part.fallback) {
      note_unset(mark, "", part.text);
      is_complete = unset_ == UnsetVariables::kWarn && is_complete;
    }
  }
  return is_complete;
}

}  // namespace ashore::config
