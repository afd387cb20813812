// HttpTransport sends one request and returns one answer; retries and pages are extract's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace ashore::io {

// Name and value, in the order they were given. Names compare without regard to case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Who signs a request by AWS's Signature Version 4, as S3 and what speaks like it want it.
struct AwsSigner {
  std::string region;
  std::string access_key;
  base::Secret secret_key;
};

struct HttpRequest {
  std::string method = "GET";  // GET, POST, PUT, HEAD or DELETE
  std::string url;             // http or https; may hold a query, must not hold credentials
  HttpHeaders headers;         // nothing secret
  // Sent like headers, but only to the host (scheme, name, port) of `url`: a redirect to another
  // one leaves them behind. Never in an error.
  std::vector<std::pair<std::string, base::Secret>> secret_headers;
  // Appended to the url's query, percent-encoded, under the same rule.
  std::vector<std::pair<std::string, base::Secret>> secret_query;
  std::string body;  // sent when not empty
  // Signs what is sent for the service "s3". The caller gives the header x-amz-content-sha256 and
  // writes path and query as they are signed: percent-encoded, parameters sorted by name.
  std::optional<AwsSigner> aws_signer = {};
  // Sent once, on a connection of its own: on one that was used before libcurl may send a request
  // a second time by itself, and nobody learns of it.
  bool is_sent_once = false;
  // A redirect that would take the body to another host is refused.
  bool is_body_secret = false;

  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds total_timeout{60'000};       // for the whole exchange
  std::int64_t body_bytes_max = std::int64_t{64} << 20;  // of the decoded body
  int redirects_max = 5;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;        // of the last answer, names in lower case
  std::string body;           // decoded: gzip, deflate, br and zstd where libcurl has them
  std::string effective_url;  // after redirects, without credentials and secret_query
  std::chrono::microseconds elapsed{0};

  // The first header of that name (lower case), or nullptr. Valid while the response lives.
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

// Threads: send() may be called from any thread at once; connections are reused among calls.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Any complete answer is a response, whatever its status. Errors:
  //   kTransient   cannot resolve, connect refused or reset, time-out, body cut short
  //   kPermanent   malformed url, TLS verification failed, more than redirects_max redirects,
  //                a body over body_bytes_max, another protocol than http(s), a redirect that
  //                would take a secret body to another host
  //   kInterrupted a stop was requested
  // Messages name the url without credentials, the cause and what to do.
  virtual base::Result<HttpResponse> send(const HttpRequest& request,
                                          const std::stop_token& stop) = 0;
};

}  // namespace ashore::io
