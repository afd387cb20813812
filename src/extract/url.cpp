// A small RFC 3986: parts, resolution and origins of http and https urls.
#include "extract/url.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace ashore::extract {

using base::Result;

namespace {

// A view into the url it was split from.
struct UrlPartsView {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
};

bool is_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

UrlPartsView split_url(std::string_view url) {
  UrlPartsView parts;
  url = url.substr(0, url.find('#'));
  const auto colon = url.find_first_of(":/?");
  if (colon != std::string_view::npos && url[colon] == ':' && is_scheme(url.substr(0, colon))) {
    parts.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 1);
  }
  if (url.starts_with("//")) {
    url.remove_prefix(2);
    const auto end = std::min(url.find_first_of("/?"), url.size());
    parts.authority = url.substr(0, end);
    url.remove_prefix(end);
  }
  const auto question = url.find('?');
  parts.path = url.substr(0, question);
  if (question != std::string_view::npos) parts.query = url.substr(question + 1);
  return parts;
}

// RFC 3986 section 5.2.4 on whole segments.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_folder = false;
  for (std::size_t begin = 0; begin < path.size();) {
    const auto end = std::min(path.find('/', begin + 1), path.size());
    const auto segment = path.substr(begin, end - begin);  // with its leading '/'
    const auto name = segment.starts_with('/') ? segment.substr(1) : segment;
    ends_in_folder = name == "." || name == "..";
    if (name == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_folder) kept.push_back(segment);
    begin = end;
  }
  std::string clean;
  for (const auto segment : kept) clean += segment;
  if (ends_in_folder || clean.empty()) clean += '/';
  return clean;
}

std::string merged_path(const UrlPartsView& base, std::string_view reference) {
  if (reference.starts_with('/')) return std::string(reference);
  const auto slash = base.path.rfind('/');
  const auto folder = slash == std::string_view::npos ? "/" : base.path.substr(0, slash + 1);
  return std::string(folder) + std::string(reference);
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

struct Origin {
  std::string scheme;
  std::string host;
  std::string port;
  bool operator==(const Origin&) const = default;
};

Origin origin_of(std::string_view url) {
  const auto parts = split_url(url);
  Origin origin{.scheme = lower(parts.scheme.value_or("")), .host = {}, .port = {}};
  std::string_view authority = parts.authority.value_or("");
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  const auto colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  origin.host = lower(authority.substr(0, has_port ? colon : std::string_view::npos));
  if (has_port) origin.port = authority.substr(colon + 1);
  if (origin.port.empty()) origin.port = origin.scheme == "https" ? "443" : "80";
  return origin;
}

base::Status check_absolute(const std::string& url) {
  const auto parts = split_url(url);
  const std::string scheme = lower(parts.scheme.value_or(""));
  if (scheme != "http" && scheme != "https") {
    return base::permanent("link is not an http or https url: scheme '" + scheme + "'");
  }
  if (parts.authority.value_or("").empty()) return base::permanent("link has no host: " + url);
  if (parts.authority->find('@') != std::string_view::npos) {
    return base::permanent("link holds a user or password: to " + origin_of(url).host);
  }
  return {};
}

}  // namespace

Result<std::string> resolve_url(std::string_view base_url, std::string_view reference) {
  const auto base = split_url(base_url);
  const auto target = split_url(reference);
  std::string url(target.scheme.value_or(base.scheme.value_or("")));
  url += ':';
  const bool has_own_place = target.scheme || target.authority;
  if (const auto authority = has_own_place ? target.authority : base.authority) {
    url += "//" + std::string(*authority);
  }
  if (has_own_place) {
    url += without_dot_segments(target.path);
  } else if (target.path.empty()) {
    url += base.path;
  } else {
    url += without_dot_segments(merged_path(base, target.path));
  }
  const bool keeps_query = !has_own_place && target.path.empty() && !target.query;
  const auto query = keeps_query ? base.query : target.query;
  if (query) url += "?" + std::string(*query);
  TRY(check_absolute(url));
  return url;
}

bool may_follow(std::string_view source_url, std::string_view target_url) {
  const Origin source = origin_of(source_url);
  const Origin target = origin_of(target_url);
  if (source == target) return true;
  return source.host == target.host && source.scheme == "http" && source.port == "80" &&
         target.scheme == "https" && target.port == "443";
}

std::string without_query(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

std::string without_parameter(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return std::string(url);
  const std::string encoded = percent_encoded(name);
  std::string kept;
  std::string_view rest = url.substr(question + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto parameter = rest.substr(0, end);
    const auto parameter_name = parameter.substr(0, parameter.find('='));
    if (parameter_name != name && parameter_name != encoded) {
      kept += (kept.empty() ? "?" : "&") + std::string(parameter);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::string(url.substr(0, question)) + kept;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace ashore::extract
