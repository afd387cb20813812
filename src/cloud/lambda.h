// Lands shards as an AWS Lambda function: takes invocations from the runtime, answers each.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "io/clock.h"
#include "io/http_transport.h"

namespace ashore::cloud {

struct Invocation {
  std::string id;
  std::string event;         // JSON
  base::Timestamp deadline;  // when the function is ended, whatever it does
};

// What an invocation is answered with, JSON, or why it is not.
using Handler =
    std::function<base::Result<std::string>(const Invocation& invocation, std::stop_token stop)>;

// Of the Lambda service: "host:port" of AWS_LAMBDA_RUNTIME_API. Speaks the interface that the AWS
// Lambda Developer Guide calls "Lambda runtime API", version 2018-06-01.
class LambdaRuntime {
 public:
  // Both must outlive it.
  LambdaRuntime(const std::string& api, io::HttpTransport& http, io::Clock& clock);

  // Answers invocations until `stop` is requested or the service goes away; `invocations_max`
  // bounds them in tests. The handler is told to stop `kMargin` before an invocation's deadline, so
  // that its answer still arrives. Success at a stop; kTransient: the service does not answer.
  base::Status serve(const Handler& handler, const std::stop_token& stop,
                     std::int64_t invocations_max = INT64_MAX);
  // The function cannot begin: tells the service why.
  base::Status refuse(const base::Error& error);

  static constexpr std::chrono::milliseconds kMargin{1'500};

 private:
  base::Result<Invocation> next(const std::stop_token& stop);
  base::Status post(const std::string& path, const std::string& body,
                    const std::string& error_type);

  const std::string base_;
  io::HttpTransport& http_;
  io::Clock& clock_;
};

// Pure. {"errorType", "errorMessage", "stackTrace": []}: the type is "ashore.transient" where
// another try may succeed (also after a deadline), "ashore.permanent" where it will not.
std::string error_json(const base::Error& error);
std::string error_type(const base::Error& error);

}  // namespace ashore::cloud
