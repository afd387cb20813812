// Speaks Lambda's runtime interface: next, response, error; one invocation at a time.
#include "cloud/lambda.h"

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

namespace ashore::cloud {

namespace {

using base::Result;
using base::Status;

// The service freezes the process while there is nothing to do: no answer is no failure.
constexpr std::chrono::hours kNextTimeout{24 * 14};
constexpr std::chrono::seconds kPostTimeout{10};
constexpr std::int64_t kEventBytesMax = std::int64_t{7} << 20;  // Lambda's own limit is 6 MB

// Requests a stop when the time has come, unless it is destroyed before.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds left)
      : thread_([this, left](const std::stop_token& ended) {
          std::unique_lock lock(mutex_);
          const bool is_ended = changed_.wait_for(lock, ended, left, [] { return false; });
          if (!is_ended && !ended.stop_requested()) stop_.request_stop();
        }) {}
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

std::string error_type(const base::Error& error) {
  const auto kind = error.kind();
  const bool may_pass =
      kind == base::ErrorKind::kTransient || kind == base::ErrorKind::kInterrupted;
  return may_pass ? "ashore.transient" : "ashore.permanent";
}

std::string error_json(const base::Error& error) {
  const nlohmann::ordered_json json = {{"errorType", error_type(error)},
                                       {"errorMessage", error.message()},
                                       {"stackTrace", nlohmann::ordered_json::array()}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

LambdaRuntime::LambdaRuntime(const std::string& api, io::HttpTransport& http, io::Clock& clock)
    : base_("http://" + api + "/2018-06-01/runtime"), http_(http), clock_(clock) {}

Result<Invocation> LambdaRuntime::next(const std::stop_token& stop) {
  io::HttpRequest request;
  request.method = "GET";
  request.url = base_ + "/invocation/next";
  request.total_timeout = kNextTimeout;
  request.body_bytes_max = kEventBytesMax;
  TRY(auto response, http_.send(request, stop));
  const auto* const id = response.header("lambda-runtime-aws-request-id");
  if (response.status != 200 || id == nullptr) {
    return base::transient("the Lambda runtime answers " + std::to_string(response.status) +
                           " to a question for the next invocation");
  }
  Invocation invocation{.id = *id, .event = std::move(response.body), .deadline = {}};
  // Milliseconds since 1970; a runtime that tells none sets none.
  const auto* const deadline = response.header("lambda-runtime-deadline-ms");
  const auto millis = deadline == nullptr ? 0 : std::atoll(deadline->c_str());
  invocation.deadline = millis > 0 ? base::timestamp_of_micros(millis * 1'000)
                                   : clock_.now() + std::chrono::hours(24);
  return invocation;
}

Status LambdaRuntime::post(const std::string& path, const std::string& body,
                           const std::string& error_type) {
  io::HttpRequest request;
  request.method = "POST";
  request.url = base_ + path;
  request.body = body;
  request.total_timeout = kPostTimeout;
  request.headers.emplace_back("Content-Type", "application/json");
  if (!error_type.empty()) {
    request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", error_type);
  }
  TRY(const auto response, http_.send(request, {}));
  if (response.status >= 200 && response.status < 300) return {};
  return base::transient("the Lambda runtime answers " + std::to_string(response.status) + " to " +
                         path);
}

Status LambdaRuntime::serve(const Handler& handler, const std::stop_token& stop,
                            std::int64_t invocations_max) {
  for (std::int64_t count = 0; count < invocations_max; ++count) {
    auto invocation = next(stop);
    if (stop.stop_requested()) return {};
    if (!invocation.ok()) return std::move(invocation).error();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        invocation.value().deadline - clock_.now() - kMargin);
    const auto path = "/invocation/" + invocation.value().id;
    Result<std::string> answer = std::string();
    {
      const Deadline deadline(std::max(left, std::chrono::milliseconds(1)));
      answer = handler(invocation.value(), deadline.token());
    }
    TRY(answer.ok()
            ? post(path + "/response", answer.value(), "")
            : post(path + "/error", error_json(answer.error()), error_type(answer.error())));
  }
  return {};
}

Status LambdaRuntime::refuse(const base::Error& error) {
  return post("/init/error", error_json(error), error_type(error));
}

}  // namespace ashore::cloud
