// Turns the pipeline's auth into the secret headers or query that a request carries.
#pragma once

#include "base/secret.h"
#include "config/pipeline.h"
#include "io/http_transport.h"

namespace ashore::extract {

// Adds what `auth` asks for to a request's secret headers or secret query.
void add_auth(const config::Auth& auth, io::HttpRequest* request);

// Pure. base64("user:password"), as basic auth sends it (RFC 7617).
base::Secret basic_credentials(const config::Auth& auth);

}  // namespace ashore::extract
