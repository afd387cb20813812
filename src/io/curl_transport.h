// HttpTransport on libcurl: one handle a call, kept with its connections for the next.
#pragma once

#include <memory>
#include <string>

#include "io/http_transport.h"

namespace ashore::io {

// TLS is always verified (SSL_CERT_FILE and SSL_CERT_DIR as OpenSSL reads them; proxies as libcurl
// reads them). Redirects: 303, and 301 and 302 after POST, go on as GET; 307 and 308 keep method and
// body; secret headers and query go along only to the same scheme, host and port. A requested stop
// ends a call within a second. Threads: as HttpTransport.
class CurlTransport final : public HttpTransport {
 public:
  // `user_agent` is sent with every request: "ashore/0.1.0".
  explicit CurlTransport(std::string user_agent);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  base::Result<HttpResponse> send(const HttpRequest& request, const std::stop_token& stop) override;

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace ashore::io
