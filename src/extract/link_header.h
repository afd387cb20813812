// Reads Link headers (RFC 8288) for the address of the next page.
#pragma once

#include <optional>
#include <string>

#include "io/http_transport.h"

namespace ashore::extract {

// Pure. The target of the first link whose `rel` holds "next" (without regard to case), as written:
// it may be relative. Looks at all `link` headers in order; a part that is no link is skipped.
std::optional<std::string> next_link(const io::HttpHeaders& headers);

}  // namespace ashore::extract
