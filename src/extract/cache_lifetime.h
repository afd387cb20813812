// How long caches may go on giving an answer that they have kept.
#pragma once

#include <chrono>

#include "base/timestamp.h"
#include "io/http_transport.h"

namespace ashore::extract {

// Pure. How long an answer that came at `now` may still be given by a shared cache (RFC 9111, 4.2):
// `s-maxage` or `max-age` of Cache-Control, else Expires, less Age; 0 where none is said, and for
// `no-store` and `no-cache`. Numbers that are none count as absent; never negative.
std::chrono::seconds cache_lifetime(const io::HttpHeaders& headers, base::Timestamp now);

}  // namespace ashore::extract
