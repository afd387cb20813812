// Renders requests, as they are sent and as they may be shown.
#include "config/template.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include "base/percent_encoding.h"

#include "config/template_part.h"

namespace ashore::config {
namespace {

using Json = nlohmann::ordered_json;
using base::permanent;
using base::Result;

// What is filled in, and whether environment values are (sent) or stay as written (shown).
struct Filling {
  const RunValues& values;
  const std::map<std::string, base::Secret>& environment;
  bool is_shown = false;
};

// A piece of a rendered text. Values are encoded more strictly than what the file itself says;
// `${UPPER}` that is only shown is not encoded at all.
enum class PieceKind { kWritten, kValue, kShown };
struct Piece {
  PieceKind kind = PieceKind::kWritten;
  std::string text;
};
// Absent: a `${...}` resolved to nothing.
using Pieces = std::optional<std::vector<Piece>>;

std::optional<Json> keys_value(const RunValues& values) {
  if (!values.keys) return std::nullopt;
  if (!values.keys_are_numbers) return Json(*values.keys);
  Json numbers = Json::array();
  for (const auto& key : *values.keys) numbers.push_back(Json::parse(key, nullptr, false));
  return numbers;
}

// A run value with the type it has in a body; absent: it resolves to nothing.
std::optional<Json> run_value(const RunValues& values, std::string_view name) {
  const auto as_json = [](const auto& value) -> std::optional<Json> {
    if (!value) return std::nullopt;
    return Json(*value);
  };
  const auto window_end = [&](const std::optional<std::string>& text) -> std::optional<Json> {
    if (!text || !values.window_is_number) return as_json(text);
    return Json::parse(*text, nullptr, false);
  };
  if (name == "window.start") return window_end(values.window_start);
  if (name == "window.end") return window_end(values.window_end);
  if (name == "page") return as_json(values.page);
  if (name == "offset") return as_json(values.offset);
  if (name == "cursor") return as_json(values.cursor);
  if (name == "limit") return as_json(values.limit);
  return keys_value(values);
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const auto& element : value) {
    text += (text.empty() ? "" : ",") + text_of(element);
  }
  return text;
}

Result<Piece> environment_piece(const TemplatePart& part, const Filling& filling) {
  if (filling.is_shown) return Piece{PieceKind::kShown, part.written};
  const auto found = filling.environment.find(part.text);
  if (found != filling.environment.end()) return Piece{PieceKind::kValue, found->second.reveal()};
  if (part.fallback) return Piece{PieceKind::kValue, *part.fallback};
  return permanent("environment variable is not set: " + part.text)
      .with_remedy("Set it, or give a default in the pipeline file: ${" + part.text +
                   ":-default}.");
}

Result<Pieces> fill(const std::string& text, const Filling& filling) {
  TRY(auto parts, parse_template(text));
  std::vector<Piece> pieces;
  for (const auto& part : parts) {
    if (part.kind == PartKind::kText) {
      pieces.push_back({PieceKind::kWritten, part.text});
    } else if (part.kind == PartKind::kEnvironment) {
      TRY(auto piece, environment_piece(part, filling));
      pieces.push_back(std::move(piece));
    } else {
      const auto value = run_value(filling.values, part.text);
      if (!value) return Pieces();
      pieces.push_back({PieceKind::kValue, text_of(*value)});
    }
  }
  return Pieces(std::move(pieces));
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string text;
  for (const auto& piece : pieces) text += piece.text;
  return text;
}

// What the file has encoded already stays so; values are encoded in full.
std::string encoded_pieces(const std::vector<Piece>& pieces,
                           const std::function<std::string(std::string_view)>& written) {
  std::string text;
  for (const auto& piece : pieces) {
    if (piece.kind == PieceKind::kShown) text += piece.text;
    if (piece.kind == PieceKind::kWritten) text += written(piece.text);
    if (piece.kind == PieceKind::kValue) text += base::percent_encoded(piece.text);
  }
  return text;
}

std::string encoded_path(const std::vector<Piece>& pieces) {
  return encoded_pieces(pieces, [](std::string_view text) {
    return base::percent_encoded_once(text, base::PlainBytes::kUrlPath);
  });
}

std::string encoded_query_value(const std::vector<Piece>& pieces) {
  return encoded_pieces(pieces, [](std::string_view text) { return base::percent_encoded(text); });
}

// A segment "." or ".." would be resolved away and ask for something else.
bool has_dot_segment(std::string_view path) {
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const auto segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return true;
    start = end + 1;
  }
  return false;
}

Result<std::string> render_url(const Request& request, std::string url, const Filling& filling) {
  while (url.ends_with('/')) url.pop_back();
  TRY(auto pieces, fill(request.path, filling));
  if (!pieces) {
    return permanent("a run value in the path is absent: " + request.path)
        .with_remedy("Use it under 'query' or in the body, where an absent value is left out.");
  }
  const auto path = encoded_path(*pieces);
  if (has_dot_segment(path)) {
    return permanent("the path has a segment '.' or '..': " + request.path)
        .with_remedy("Pass such a value under 'query'.");
  }
  url += path;
  char separator = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, text] : request.query) {
    TRY(auto value, fill(text, filling));
    if (!value) continue;
    url += separator + base::percent_encoded(name) + "=" + encoded_query_value(*value);
    separator = '&';
  }
  return url;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Result<Headers> render_headers(const Request& request, const Filling& filling) {
  Headers headers;
  for (const auto& [name, text] : request.headers) {
    TRY(auto pieces, fill(text, filling));
    if (!pieces) continue;
    auto value = joined(*pieces);
    const bool has_control = std::any_of(value.begin(), value.end(), [](char character) {
      return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
    });
    if (has_control) {
      return permanent("a header's value holds a control character: " + name)
          .with_remedy("Check the environment variable it is made from: does it end in a newline?");
    }
    headers.emplace_back(name, std::move(value));
  }
  return headers;
}

// What became of one value of a body.
struct Filled {
  std::optional<Json> value;       // absent: it resolved to nothing and its key is dropped
  bool is_dropped_scalar = false;  // the kind of nothing that empties a mapping
};

Result<Filled> fill_value(const Json& node, const Filling& filling);

Result<Filled> fill_text(const std::string& text, const Filling& filling) {
  TRY(auto parts, parse_template(text));
  if (parts.size() == 1 && parts.front().kind == PartKind::kRunValue) {
    auto value = run_value(filling.values, parts.front().text);
    const bool is_absent = !value.has_value();
    return Filled{std::move(value), is_absent};
  }
  TRY(auto pieces, fill(text, filling));
  if (!pieces) return Filled{std::nullopt, true};
  return Filled{Json(joined(*pieces)), false};
}

Result<Filled> fill_object(const Json& node, const Filling& filling) {
  auto object = Json::object();
  bool all_scalars = !node.empty();
  for (const auto& [key, child] : node.items()) {
    TRY(auto name, fill(key, filling));
    if (!name) continue;
    TRY(auto filled, fill_value(child, filling));
    all_scalars = all_scalars && filled.is_dropped_scalar;
    if (filled.value) object[joined(*name)] = *std::move(filled.value);
  }
  if (object.empty() && all_scalars) return Filled{std::nullopt, false};
  return Filled{std::move(object), false};
}

Result<Filled> fill_value(const Json& node, const Filling& filling) {
  if (node.is_string()) return fill_text(node.get_ref<const std::string&>(), filling);
  if (node.is_object()) return fill_object(node, filling);
  if (!node.is_array()) return Filled{node, false};
  auto array = Json::array();
  for (const auto& child : node) {
    TRY(auto filled, fill_value(child, filling));
    if (filled.value) array.push_back(*std::move(filled.value));
  }
  return Filled{std::move(array), false};
}

Result<std::optional<std::string>> render_body(const Request& request, const Filling& filling) {
  if (!request.body) return std::optional<std::string>();
  const auto node = Json::parse(*request.body, nullptr, false);
  if (node.is_discarded()) return permanent("the request's body is not JSON");
  TRY(auto filled, fill_value(node, filling));
  // The body itself is always sent: a POST that asks for everything says {}.
  const auto body = filled.value.value_or(Json::object());
  return std::optional(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

template <typename Unit>
base::Timestamp rounded(base::Timestamp end, bool is_start) {
  return is_start ? base::Timestamp(std::chrono::floor<Unit>(end))
                  : base::Timestamp(std::chrono::ceil<Unit>(end));
}

std::string window_text(base::Timestamp end, WindowFormat format, bool is_start) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  switch (format) {
    case WindowFormat::kIsoMillis:
      return base::format_timestamp_millis(rounded<milliseconds>(end, is_start));
    case WindowFormat::kIsoSeconds:
      return base::format_timestamp(rounded<seconds>(end, is_start));
    case WindowFormat::kDate:
      return base::format_date(base::date_of(rounded<std::chrono::days>(end, is_start)));
    case WindowFormat::kUnixSeconds:
      return std::to_string(base::micros_of(rounded<seconds>(end, is_start)) / 1'000'000);
    case WindowFormat::kUnixMillis:
      return std::to_string(base::micros_of(rounded<milliseconds>(end, is_start)) / 1'000);
  }
  return {};
}

}  // namespace

RunValues window_values(const base::Window& window, const WindowRule& rule) {
  RunValues values;
  values.window_is_number =
      rule.format == WindowFormat::kUnixSeconds || rule.format == WindowFormat::kUnixMillis;
  if (window.start) values.window_start = window_text(*window.start, rule.format, true);
  if (window.end) values.window_end = window_text(*window.end, rule.format, false);
  return values;
}

base::Result<RenderedRequest> render_request(
    const Request& request, const std::string& base_url, const RunValues& values,
    const std::map<std::string, base::Secret>& environment) {
  const Filling sent{values, environment, false};
  const Filling shown{values, environment, true};
  RenderedRequest rendered;
  rendered.method = request.method;
  TRY(rendered.url, render_url(request, base_url, sent));
  TRY(rendered.shown_url, render_url(request, base_url, shown));
  TRY(rendered.headers, render_headers(request, sent));
  TRY(rendered.shown_headers, render_headers(request, shown));
  TRY(rendered.body, render_body(request, sent));
  TRY(rendered.shown_body, render_body(request, shown));
  return rendered;
}

}  // namespace ashore::config
