// A transport for tests: answers come from a list or a function, requests are kept.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "io/http_transport.h"

namespace ashore::io {

// Threads: as HttpTransport.
class ScriptedTransport final : public HttpTransport {
 public:
  using Answer = std::function<base::Result<HttpResponse>(const HttpRequest&)>;

  // Answers every request by the function.
  explicit ScriptedTransport(Answer answer) : answer_(std::move(answer)) {}
  // Answers the first request with the first of the list, and so on; past its end is kBug.
  explicit ScriptedTransport(std::deque<base::Result<HttpResponse>> script)
      : script_(std::move(script)) {}

  base::Result<HttpResponse> send(const HttpRequest& request,
                                  const std::stop_token& stop) override {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested()) return base::Error(base::ErrorKind::kInterrupted, "stopped");
    requests_.push_back(request);
    if (answer_) return answer_(request);
    if (script_.empty()) return base::bug("the script has no answer for: " + request.url);
    auto answer = std::move(script_.front());
    script_.pop_front();
    return answer;
  }
  // Every request so far, in order of arrival.
  std::vector<HttpRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  Answer answer_;
  std::deque<base::Result<HttpResponse>> script_;  // guarded by mutex_
  std::vector<HttpRequest> requests_;              // guarded by mutex_
};

}  // namespace ashore::io
