// An HttpTransport whose requests, and answers on their way back, are fault points.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "io/fault_points.h"
#include "io/http_transport.h"

namespace ashore::io {

// Both must outlive it. Threads: as HttpTransport.
class FaultyTransport final : public HttpTransport {
 public:
  FaultyTransport(HttpTransport& transport, FaultPoints& faults)
      : transport_(transport), faults_(faults) {}

  base::Result<HttpResponse> send(const HttpRequest& request,
                                  const std::stop_token& stop) override {
    if (const int code = faults_.reach("http request", request.url)) return failure(request, code);
    auto response = transport_.send(request, stop);
    if (const int code = faults_.reach("http answer", request.url)) return failure(request, code);
    return response;
  }

 private:
  static base::Error failure(const HttpRequest& request, int code) {
    return base::transient("no answer from " + request.url + ": " + std::strerror(code));
  }

  HttpTransport& transport_;
  FaultPoints& faults_;
};

}  // namespace ashore::io
