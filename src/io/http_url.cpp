// Works on text: urls come from the pipeline file, from answers and from Location headers.
#include "io/http_url.h"

#include <algorithm>
#include <cctype>

namespace ashore::io {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char character) {
    return static_cast<char>(std::tolower(character));
  });
  return result;
}

// Scheme, then user:password@host:port, then the rest from '/', '?' or '#'.
struct UrlParts {
  std::string scheme;
  std::string user;
  std::string host;
  std::string rest;
};

UrlParts split(std::string_view url) {
  UrlParts parts;
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return parts;
  parts.scheme = lower(url.substr(0, scheme_end));
  url.remove_prefix(scheme_end + 3);
  const auto host_end = std::min(url.find_first_of("/?#"), url.size());
  auto authority = url.substr(0, host_end);
  parts.rest = url.substr(host_end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    parts.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  parts.host = lower(authority);
  return parts;
}

std::string_view without_fragment(std::string_view url) { return url.substr(0, url.find('#')); }

}  // namespace

std::string origin_of(std::string_view url) {
  const auto parts = split(url);
  if (parts.scheme != "http" && parts.scheme != "https") return "";
  std::string host = parts.host;
  // What libcurl and we might read differently is nobody's origin.
  constexpr std::string_view kOdd = "\\ \t\r\n@\"'<>`{}|^";
  if (host.empty() || (parts.user + host).find_first_of(kOdd) != std::string::npos) return "";
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  if (!has_port) host += parts.scheme == "https" ? ":443" : ":80";
  return parts.scheme + "://" + host;
}

std::string without_credentials(std::string_view url) {
  const auto parts = split(without_fragment(url));
  if (parts.scheme.empty()) return std::string(without_fragment(url));
  return parts.scheme + "://" + parts.host + parts.rest;
}

std::string without_parameters(
    std::string_view url, const std::vector<std::pair<std::string, base::Secret>>& parameters) {
  const auto question = url.find('?');
  if (question == std::string_view::npos || parameters.empty()) return std::string(url);
  std::string result(url.substr(0, question));
  std::string_view query = url.substr(question + 1);
  char separator = '?';
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    const auto name = pair.substr(0, pair.find('='));
    const bool is_secret = std::ranges::any_of(
        parameters, [&](const auto& parameter) { return percent_encode(parameter.first) == name; });
    if (!is_secret) {
      result += separator;
      result += pair;
      separator = '&';
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return result;
}

std::string with_parameters(std::string_view url,
                            const std::vector<std::pair<std::string, base::Secret>>& parameters) {
  std::string result(without_fragment(url));
  char separator = result.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    result += separator + percent_encode(name) + "=" + percent_encode(value.reveal());
    separator = '&';
  }
  return result;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_plain = (byte < 0x80 && std::isalnum(byte) != 0) ||
                          kUnreserved.find(character) != std::string_view::npos;
    if (is_plain) {
      encoded += character;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 0x0f];
    }
  }
  return encoded;
}

}  // namespace ashore::io
