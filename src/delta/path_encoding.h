// How a file's path stands in a log.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ashore::delta {

// Pure. A relative path as the log wants it: percent-encoded as in a URI (RFC 2396).
std::string encode_log_path(std::string_view path);
// Pure. The reverse. kPermanent: an absolute path or URI (another table's file), a '%' without two
// hex digits, a path that leaves the table's folder.
base::Result<std::string> decode_log_path(std::string_view text);

}  // namespace ashore::delta
