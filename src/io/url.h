// Url is an absolute http or https url, read by libcurl as it reads what it sends.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace ashore::io {

// Immutable but for remove_parameters(). User information and fragment are never kept: what text()
// gives may be sent, compared and, after without_keys(), shown. Where secrets may go is decided by
// origin(), so whatever libcurl and somebody else might read in two ways is refused. Threads: as a
// value.
class Url {
 public:
  // kPermanent, in words without the text itself, to be put behind what it is the url of: "is not
  // an http(s) url", "names no host", "names a port that is no number", "holds a space or a
  // control character". Path and query stay as they are written; a path that is absent is "/".
  static base::Result<Url> parse(std::string_view text);

  // RFC 3986, section 5.2: `reference` (absolute, network-path, absolute-path, relative, query only
  // or empty) seen from here; spaces and bytes past ASCII are percent-encoded, dot segments
  // resolved. kPermanent: the outcome is no http(s) url, or names a user or password.
  [[nodiscard]] base::Result<Url> resolve(std::string_view reference) const;

  // Scheme, host and port, the default port filled in, all in lower case: "https://api.host:443".
  // An empty port is the default one: "http://h:/x" and "http://h/x" are of one origin.
  [[nodiscard]] const std::string& origin() const { return origin_; }
  // Whether a user or password was written.
  [[nodiscard]] bool has_credentials() const { return has_credentials_; }
  // Whether a link from here may be followed there: the same origin, or the step from http to https
  // on the same host at the default ports. Elsewhere request headers must not go.
  [[nodiscard]] bool may_lead_to(const Url& target) const;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string without_query() const { return place_ + path_; }
  // The text with these query parameters appended, percent-encoded: it holds their secrets.
  [[nodiscard]] std::string text_with(
      const std::vector<std::pair<std::string, base::Secret>>& parameters) const;
  // Takes query parameters of this name away, however it is percent-encoded.
  void remove_parameters(std::string_view name);

 private:
  std::string place_;  // "https://api.host:8443": the port as written
  std::string path_;   // begins with '/'
  std::string query_;  // without '?'
  std::string origin_;
  bool has_credentials_ = false;
};

}  // namespace ashore::io
