// The little of urls that redirects and secrets need.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace ashore::io {

// Pure. Scheme, host and port in lower case, the default port filled in: "https://api.host:443".
// "" for what is not an http(s) url.
std::string origin_of(std::string_view url);

// Pure. The url without user, password and fragment.
std::string without_credentials(std::string_view url);

// Pure. The url without the query parameters of these names.
std::string without_parameters(std::string_view url,
                               const std::vector<std::pair<std::string, base::Secret>>& parameters);

// Pure. The url with these query parameters appended, percent-encoded.
std::string with_parameters(std::string_view url,
                            const std::vector<std::pair<std::string, base::Secret>>& parameters);

// Pure. Percent-encodes everything but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace ashore::io
