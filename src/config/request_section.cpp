// Reads the extract request and the lookup, which takes what it does not say from the former.
#include <algorithm>
#include <array>

#include "config/sections.h"

namespace ashore::config {
namespace {

void read_path(MappingReader& section, const Node& node, RequestDraft& draft) {
  const auto path = section.values().request_text(node, "'path'", draft.run_values);
  if (!path) return;
  if (!path->empty() && !path->starts_with('/')) {
    section.values().complain(node.mark, "'path' does not begin with '/': " + shown(*path),
                              "It is appended to the source's url.");
  } else if (path->find_first_of("?#") != std::string::npos) {
    section.values().complain(node.mark, "'path' holds '?' or '#': " + shown(*path),
                              "Put parameters under 'query'.");
  }
  draft.request.path = *path;
}

// RFC 9110, 5.1: a token.
bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(character) != std::string_view::npos;
  });
}

void read_headers(MappingReader& section, const Node& node, RequestDraft& draft) {
  auto& values = section.values();
  draft.request.headers.clear();
  if (node.kind != NodeKind::kMapping) return values.complain_type(node, "'headers'", "a mapping");
  for (const auto& entry : node.entries) {
    if (!is_header_name(entry.key)) {
      values.complain(entry.mark, "not a header's name: " + shown(entry.key),
                      "Use letters, digits and '-'.");
    }
    const auto text = values.request_text(entry.value, quoted(entry.key), draft.run_values);
    if (text && std::any_of(text->begin(), text->end(), [](char character) {
          return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
        })) {
      values.complain(entry.value.mark, "a header's value holds a control character",
                      "Write it on one line.");
    }
    if (text) draft.request.headers.emplace_back(entry.key, *text);
  }
}

void read_query(MappingReader& section, const Node& node, RequestDraft& draft) {
  auto& values = section.values();
  // A lookup that says `query` replaces the request's whole: half of each would ask for neither.
  draft.request.query.clear();
  if (node.kind != NodeKind::kMapping) return values.complain_type(node, "'query'", "a mapping");
  for (const auto& entry : node.entries) {
    const auto add = [&](const Node& value) {
      const auto text = values.request_text(value, quoted(entry.key), draft.run_values);
      if (text) draft.request.query.emplace_back(entry.key, *text);
    };
    if (entry.value.kind == NodeKind::kList) {
      for (const auto& item : entry.value.items) add(item);
    } else {
      add(entry.value);
    }
  }
}

void check_body(ValueReader& values, const Node& node, RequestDraft& draft) {
  if (node.kind == NodeKind::kScalar) {
    values.check_request_text(node.text, node.mark, draft.run_values);
  }
  for (const auto& item : node.items) check_body(values, item, draft);
  for (const auto& entry : node.entries) {
    values.check_request_text(entry.key, entry.mark, draft.run_values);
    check_body(values, entry.value, draft);
  }
}

void read_body(MappingReader& section, const Node& node, RequestDraft& draft) {
  if (node.kind != NodeKind::kMapping && node.kind != NodeKind::kList) {
    return section.values().complain_type(node, "'body'", "a mapping or a list");
  }
  check_body(section.values(), node, draft);
  draft.request.body = json_text(node);
}

}  // namespace

RequestDraft read_request(MappingReader& section, const RequestDraft* inherited) {
  RequestDraft draft;
  if (inherited != nullptr) draft.request = inherited->request;
  if (const auto method = section.take_choice("method")) {
    draft.request.method = find_key(section_of("request"), "method")->choices[*method];
  }
  if (const auto* const node = section.take("path")) read_path(section, *node, draft);
  if (const auto* const node = section.take("headers")) read_headers(section, *node, draft);
  if (const auto* const node = section.take("query")) read_query(section, *node, draft);
  const auto* const body = section.take("body");
  if (body != nullptr) read_body(section, *body, draft);
  if (draft.request.method == "GET" && body != nullptr) {
    section.values().complain(section.mark_of("body"), "a GET request has no body",
                              "Say 'method: POST', or put the values under 'query'.");
  }
  // A lookup that is a GET beside a POST leaves the inherited body behind.
  if (draft.request.method == "GET") draft.request.body.reset();
  return draft;
}

}  // namespace ashore::config
