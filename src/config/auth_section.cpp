// Reads the auth section: bearer, basic, api_key or none, exactly one.
#include "config/auth_section.h"

#include <utility>

namespace ashore::config {
namespace {

base::Secret read_secret(ValueReader& values, const Node& node, std::string_view what) {
  if (node.kind == NodeKind::kScalar && node.text.find("${") == std::string::npos) {
    values.complain(node.mark, std::string(what) + " is written out in the file",
                    "Every run keeps a copy of the file: take it from the environment, "
                    "\"${API_TOKEN}\".");
    return {};
  }
  auto text = values.text(node, what);
  if (text && text->empty()) {
    values.complain(node.mark, std::string(what) + " is empty", "Set the environment variable.");
  }
  return base::Secret(text ? *std::move(text) : std::string());
}

Auth read_basic(ValueReader& values, const Node& node, Mark where) {
  Auth auth{.kind = AuthKind::kBasic, .name = {}, .secret = {}};
  MappingReader section(values, node, section_of("basic"), where);
  if (const auto* const user = section.require("user", "Say user and password.")) {
    const auto text = values.text(*user, "'user'");
    if (text && text->find(':') != std::string::npos) {
      values.complain(user->mark, "a user's name holds ':'", "HTTP basic has no way to send it.");
    }
    if (text) auth.name = *text;
  }
  if (const auto* const password = section.require("password", "Say user and password.")) {
    auth.secret = read_secret(values, *password, "'password'");
  }
  section.finish();
  return auth;
}

Auth read_api_key(ValueReader& values, const Node& node, Mark where) {
  Auth auth{.kind = AuthKind::kApiKeyHeader, .name = {}, .secret = {}};
  MappingReader section(values, node, section_of("api_key"), where);
  const auto* const header = section.take("header");
  const auto* const query = section.take("query");
  if (section.is_mapping() && (header == nullptr) == (query == nullptr)) {
    values.complain(where, "'api_key' needs either 'header' or 'query'",
                    "Say {header: X-Api-Key, value: \"${API_KEY}\"}.");
  }
  const auto* const place = header != nullptr ? header : query;
  if (header == nullptr) auth.kind = AuthKind::kApiKeyQuery;
  if (place != nullptr) {
    const auto name = values.text(*place, header != nullptr ? "'header'" : "'query'");
    if (name && name->empty()) values.complain(place->mark, "the name is empty", "Say X-Api-Key.");
    if (name) auth.name = *name;
  }
  if (const auto* const value = section.require("value", "Say \"${API_KEY}\".")) {
    auth.secret = read_secret(values, *value, "'value'");
  }
  section.finish();
  return auth;
}

}  // namespace

Auth read_auth(ValueReader& values, const Entry& entry) {
  const auto& node = entry.value;
  if (node.kind == NodeKind::kScalar && node.text == "none") return {};
  MappingReader section(values, node, section_of("auth"), entry.mark);
  Auth auth;
  if (const auto* const bearer = section.take("bearer")) {
    auth = {AuthKind::kBearer, {}, read_secret(values, *bearer, "'bearer'")};
  }
  if (const auto* const basic = section.take("basic")) {
    auth = read_basic(values, *basic, section.mark_of("basic"));
  }
  if (const auto* const key = section.take("api_key")) {
    auth = read_api_key(values, *key, section.mark_of("api_key"));
  }
  section.finish();
  if (section.is_mapping() && node.entries.size() != 1) {
    values.complain(entry.mark, "'auth' needs exactly one kind",
                    "Choices: bearer, basic, api_key; or 'auth: none'.");
  }
  return auth;
}

}  // namespace ashore::config
