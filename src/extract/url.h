// Urls as links between pages need them: resolved against the current page, compared by origin.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ashore::extract {

// Pure. RFC 3986 section 5.2: `reference` (absolute, network-path, absolute-path, relative or query
// only) seen from the absolute url `base_url`; the fragment is dropped. kPermanent: the outcome is
// not http(s), has no host, or holds a user or password.
base::Result<std::string> resolve_url(std::string_view base_url, std::string_view reference);

// Pure. True where a link from pages of `source_url` may be followed: the same scheme, host and
// port, or the step from http to https on the same host. Elsewhere request headers must not go.
bool may_follow(std::string_view source_url, std::string_view target_url);

// Pure. The url up to its query, for messages.
std::string without_query(std::string_view url);

// Pure. The url without the query parameters called `name` (compared as written, percent-encoded).
std::string without_parameter(std::string_view url, std::string_view name);

// Pure. Everything but letters, digits and -._~ as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace ashore::extract
