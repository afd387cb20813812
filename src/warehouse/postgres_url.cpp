// Reads both forms of libpq's connection strings as far as names and passwords
// go.
#include "warehouse/postgres_url.h"

#include <map>
#include <optional>
#include <string_view>
#include "base/percent_encoding.h"

namespace ashore::warehouse {

namespace {

struct Parts {
  std::string host;
  std::string port;
  std::string database;
  std::string password;     // as written
  std::string rest;         // of a password with a raw '@', as libpq reads it: the host's beginning
  bool is_readable = true;  // false: a password might stand anywhere
};

// One keyword of either form; the last one wins, as with libpq.
void set_part(std::string_view keyword, std::string value, Parts* parts) {
  if (keyword == "host" || keyword == "hostaddr") {
    parts->host = std::move(value);
  } else if (keyword == "port") {
    parts->port = std::move(value);
  } else if (keyword == "dbname") {
    parts->database = std::move(value);
  } else if (keyword == "password") {
    parts->password = std::move(value);
  }
}

void read_parameters(std::string_view query, Parts* parts) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view one = query.substr(0, end);
    const auto equals = one.find('=');
    if (equals != std::string_view::npos) {
      set_part(one.substr(0, equals), std::string(one.substr(equals + 1)), parts);
    }
    if (end == std::string_view::npos) return;
    query.remove_prefix(end + 1);
  }
}

// "host", "host:5432", "[::1]:5432"; with several hosts all stay in `host`.
void read_host(std::string_view text, Parts* parts) {
  if (text.find(',') != std::string_view::npos) {
    parts->host = text;
    return;
  }
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  parts->host = text.substr(0, has_port ? colon : text.size());
  if (has_port) parts->port = text.substr(colon + 1);
}

Parts read_uri(std::string_view rest) {
  Parts parts;
  const auto authority_end = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, authority_end);
  const std::string_view after =
      authority_end == std::string_view::npos ? std::string_view() : rest.substr(authority_end);
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view login = authority.substr(0, at);
    const auto first_at = login.find('@');
    if (first_at != std::string_view::npos) parts.rest = login.substr(first_at + 1);
    const auto colon = login.find(':');
    if (colon != std::string_view::npos) parts.password = login.substr(colon + 1);
    authority.remove_prefix(at + 1);
  }
  // An '@' further on may end a password with an unescaped '/' or '?' in it.
  parts.is_readable = after.find('@') == std::string_view::npos;
  read_host(authority, &parts);
  const auto question = after.find('?');
  if (after.size() > 1 && after.front() == '/') parts.database = after.substr(1, question - 1);
  if (question != std::string_view::npos) read_parameters(after.substr(question + 1), &parts);
  return parts;
}

bool is_blank(char character) { return character == ' ' || character == '\t' || character == '\n'; }

// Takes a value off the front: 'quoted' or bare, with backslash escapes in
// both.
std::string take_value(std::string_view* text) {
  std::string value;
  const bool is_quoted = !text->empty() && text->front() == '\'';
  if (is_quoted) text->remove_prefix(1);
  while (!text->empty()) {
    char character = text->front();
    if (is_quoted ? character == '\'' : is_blank(character)) break;
    text->remove_prefix(1);
    if (character == '\\' && !text->empty()) {
      character = text->front();
      text->remove_prefix(1);
    }
    value += character;
  }
  if (!text->empty()) text->remove_prefix(1);
  return value;
}

Parts read_keywords(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    if (is_blank(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) {
      parts.is_readable = false;
      return parts;
    }
    std::string_view keyword = text.substr(0, equals);
    while (!keyword.empty() && is_blank(keyword.back())) keyword.remove_suffix(1);
    text.remove_prefix(equals + 1);
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    set_part(keyword, take_value(&text), &parts);
  }
  return parts;
}

std::optional<std::string_view> uri_rest(std::string_view url) {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (url.rfind(scheme, 0) == 0) return url.substr(scheme.size());
  }
  return std::nullopt;
}

Parts read_parts(const base::Secret& url) {
  const auto rest = uri_rest(url.reveal());
  return rest ? read_uri(*rest) : read_keywords(url.reveal());
}

void replace_all(std::string_view part, std::string* text) {
  if (part.empty()) return;
  constexpr std::string_view kHidden = "***";
  for (auto at = text->find(part); at != std::string::npos; at = text->find(part, at)) {
    text->replace(at, part.size(), kHidden);
    at += kHidden.size();
  }
}

}  // namespace

base::Status check_postgres_url(const base::Secret& url) {
  const Parts parts = read_parts(url);
  if (parts.is_readable && parts.rest.empty()) return {};
  if (!uri_rest(url.reveal())) return {};  // libpq says what is wrong without repeating it
  return base::permanent("the PostgreSQL url has more than one '@', or one behind a '/' or '?'")
      .with_remedy("In a user name or password write %40 for '@', %2F for '/', %3F for '?'.");
}

std::string postgres_place(const base::Secret& url) {
  const Parts parts = read_parts(url);
  std::string place = "postgresql://";
  if (!parts.is_readable) return place;
  place += parts.host;
  if (!parts.port.empty()) place += ":" + parts.port;
  if (!parts.database.empty()) place += "/" + parts.database;
  return place;
}

base::Secret with_session_defaults(const base::Secret& url) {
  const std::string& text = url.reveal();
  std::string defaults[2];
  if (text.find("connect_timeout") == std::string::npos) defaults[0] = "connect_timeout=10";
  if (text.find("application_name") == std::string::npos) {
    defaults[1] = "fallback_application_name=ashore";
  }
  const bool is_uri = text.empty() || uri_rest(text).has_value();
  std::string result = text.empty() ? "postgresql://" : text;
  for (const auto& one : defaults) {
    if (one.empty()) continue;
    result += !is_uri ? ' ' : result.find('?') == std::string::npos ? '?' : '&';
    result += one;
  }
  return base::Secret(std::move(result));
}

std::string without_secrets(std::string text, const base::Secret& url) {
  // libpq repeats passwords only in complaints about a url, of which no text is shown anyway; a
  // very short one taken out would leave a message that nobody can read.
  constexpr std::size_t kPasswordMin = 4;
  const Parts parts = read_parts(url);
  replace_all(url.reveal(), &text);
  if (!parts.rest.empty()) replace_all(parts.rest + "@", &text);
  if (parts.password.size() < kPasswordMin) return text;
  replace_all(parts.password, &text);
  replace_all(base::percent_decoded_where_valid(parts.password), &text);
  return text;
}

}  // namespace ashore::warehouse
