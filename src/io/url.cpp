// Calls libcurl's URL API (CURLU), whose handle lives only while a url is read.
#include "io/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "base/percent_encoding.h"

namespace ashore::io {

namespace {

using base::Result;
using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

constexpr const char* kNotHttp = "is not an http(s) url";
constexpr const char* kNoHost = "names no host";
constexpr const char* kOdd = "holds a space or a control character";

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char character) {
    return static_cast<char>(std::tolower(character));
  });
  return result;
}

// "" where the part is absent.
std::string part_of(CURLU* handle, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

const char* words_of(CURLUcode code) {
  switch (code) {
    case CURLUE_BAD_PORT_NUMBER:
      return "names a port that is no number";
    case CURLUE_NO_HOST:
    case CURLUE_BAD_HOSTNAME:
    case CURLUE_BAD_IPV6:
      return kNoHost;
    case CURLUE_OUT_OF_MEMORY:
      return "could not be read: out of memory";
    default:
      return kNotHttp;
  }
}

// libcurl forgives slashes that are missing or too many, and takes what is before an '@' for a
// user whatever is in it; others read such urls in another way.
const char* fault_of(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return kNotHttp;
  const auto scheme = lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return kNotHttp;
  const auto rest = text.substr(scheme_end + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty()) return kNoHost;
  const auto has_odd = [](std::string_view part, std::string_view odd) {
    return std::ranges::any_of(part, [&](char character) {
      const auto code = static_cast<unsigned char>(character);
      return code <= 0x20 || code == 0x7f || odd.find(character) != std::string_view::npos;
    });
  };
  if (has_odd(text, "")) return kOdd;
  const bool is_ambiguous =
      has_odd(authority, "\\\"'<>`{}|^") || std::ranges::count(authority, '@') > 1;
  return is_ambiguous ? kNoHost : nullptr;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (const auto* const fault = fault_of(text)) return base::permanent(fault);
  const Handle handle(curl_url(), &curl_url_cleanup);
  const std::string copy(text);
  const auto code = curl_url_set(handle.get(), CURLUPART_URL, copy.c_str(), CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) return base::permanent(words_of(code));
  Url url;
  const auto scheme = lower(part_of(handle.get(), CURLUPART_SCHEME));
  const auto host = lower(part_of(handle.get(), CURLUPART_HOST));
  const auto port = part_of(handle.get(), CURLUPART_PORT);
  url.place_ = scheme + "://" + host + (port.empty() ? "" : ":" + port);
  url.path_ = part_of(handle.get(), CURLUPART_PATH);
  url.query_ = part_of(handle.get(), CURLUPART_QUERY);
  url.origin_ =
      scheme + "://" + host + ":" + part_of(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto rest = copy.find("://") + 3;
  url.has_credentials_ =
      copy.substr(rest, copy.find_first_of("/?#", rest) - rest).find('@') != std::string::npos;
  return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
  const Handle handle(curl_url(), &curl_url_cleanup);
  auto code = curl_url_set(handle.get(), CURLUPART_URL, text().c_str(), CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) return base::permanent(words_of(code));
  const std::string copy(reference.substr(0, reference.find('#')));
  if (copy.empty()) return *this;
  constexpr unsigned kFlags = CURLU_URLENCODE | CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME;
  code = curl_url_set(handle.get(), CURLUPART_URL, copy.c_str(), kFlags);
  if (code != CURLUE_OK) return base::permanent(words_of(code));
  // libcurl takes "https:///orders" for the host "orders".
  const auto colon = copy.find(':');
  if (colon != std::string::npos && copy.substr(colon).starts_with(":///")) {
    return base::permanent(kNoHost);
  }
  TRY(auto target, parse(part_of(handle.get(), CURLUPART_URL)));
  if (target.has_credentials_) return base::permanent("holds a user or password");
  return target;
}

bool Url::may_lead_to(const Url& target) const {
  if (origin_ == target.origin_) return true;
  const auto is_default = origin_.starts_with("http://") && origin_.ends_with(":80");
  if (!is_default) return false;
  return target.origin_ == "https://" + origin_.substr(7, origin_.size() - 10) + ":443";
}

std::string Url::text() const { return place_ + path_ + (query_.empty() ? "" : "?" + query_); }

std::string Url::text_with(
    const std::vector<std::pair<std::string, base::Secret>>& parameters) const {
  auto result = text();
  char separator = query_.empty() ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    result += separator + base::percent_encoded(name) + "=" + base::percent_encoded(value.reveal());
    separator = '&';
  }
  return result;
}

void Url::remove_parameters(std::string_view name) {
  std::string kept;
  std::string_view rest = query_;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto parameter = rest.substr(0, end);
    const auto written = parameter.substr(0, parameter.find('='));
    if (base::percent_decoded_where_valid(written) != name) {
      kept += (kept.empty() ? "" : "&") + std::string(parameter);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  query_ = std::move(kept);
}

}  // namespace ashore::io
