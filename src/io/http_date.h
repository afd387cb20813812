// Dates in HTTP headers, as libcurl reads them.
#pragma once

#include <optional>
#include <string>

#include "base/timestamp.h"

namespace ashore::io {

// Pure. The instant of an HTTP date (RFC 9110, section 5.6.7, all three forms), to the second;
// nothing where the text is none, or past the year 9999. libcurl's curl_getdate takes other forms
// too.
std::optional<base::Timestamp> http_date(const std::string& text);

}  // namespace ashore::io
