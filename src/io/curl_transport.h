// HttpTransport on libcurl: handles are kept with their connections for the next call.
#pragma once

#include <memory>
#include <string>

#include "io/http_transport.h"

namespace ashore::io {

struct CurlOptions {
  std::string user_agent;  // sent with every request: "ashore/0.1.0"
  // The certificates (PEM) of the authorities to trust; "" for the system's. libcurl does not read
  // SSL_CERT_FILE itself: cli does.
  std::string authorities_file;
};

// TLS is always verified; proxies are those of the environment as libcurl reads it. Redirects: 303,
// and 301 and 302 after POST, go on as GET; 307 and 308 keep method and body; secret headers and
// query go along only to the same scheme, host and port. A requested stop ends a call at once.
// Threads: as HttpTransport.
class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options);
  // With the system's authorities.
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
