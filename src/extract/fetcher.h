// Fetcher gets one page: renders its request, sends it, tries again where that may help.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "base/event.h"
#include "base/result.h"
#include "extract/attempt.h"
#include "extract/options.h"
#include "extract/page.h"
#include "extract/paginator.h"
#include "extract/rate_limiter.h"
#include "extract/redactor.h"
#include "io/env.h"
#include "spec/pipeline.h"
#include "spec/template.h"
#include "state/manifest.h"

namespace ashore::extract {

// A page that is the promised JSON, and where it came from.
struct Answer {
  std::string body;
  PageFacts facts;
  state::PageOrigin origin;
  std::string url;                         // after redirects, without secrets of auth
  std::optional<std::string> link_header;  // the target of rel="next"
};

// All that is needed must outlive it. Threads: every method may be called from any at once.
class Fetcher {
 public:
  // The time that limits.run_timeout allows begins now.
  Fetcher(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
          base::EventSink& events);

  // Asks for one page, or the answer of a lookup where the request has keys (its window is
  // dropped), up to retry.attempts_max times, under the pipeline's rate. Bodies that are not the
  // promised JSON are kept as evidence of `attempt`. Errors name the page:
  //   kTransient   no good answer in all attempts; a Retry-After over its limit; the run's time is
  //                over; a file could not be written
  //   kPermanent   a 4xx that no retry mends; what the transport calls permanent; JSON that is not
  //                as promised; a template that cannot be rendered
  //   kInterrupted
  base::Result<Answer> fetch(const PageRequest& page, Attempt& attempt,
                             const std::stop_token& stop);

  [[nodiscard]] const std::string& source_url() const { return source_url_; }
  [[nodiscard]] std::int64_t requests() const { return requests_; }
  [[nodiscard]] std::int64_t retries() const { return retries_; }

 private:
  struct Prepared {
    io::HttpRequest request;
    state::PageOrigin origin;  // the part known before it is sent
  };
  // Where one try of a request stands, for messages and evidence.
  struct Try {
    const Prepared& prepared;
    std::int64_t page;
    int number;  // from 1
  };
  // One try that failed.
  struct Failure {
    base::Error error;
    bool may_retry = false;
    std::optional<std::chrono::milliseconds> retry_after;
  };
  using Outcome = std::variant<Answer, Failure>;

  [[nodiscard]] base::Result<Prepared> prepare(const PageRequest& page) const;
  [[nodiscard]] spec::RunValues values_of(const PageRequest& page) const;
  [[nodiscard]] spec::RunValues lookup_values(const std::vector<std::string>& keys) const;
  void add_headers(const spec::RenderedRequest& rendered, io::HttpRequest* request) const;
  Outcome try_once(const Try& request_try, Attempt& attempt, const std::stop_token& stop);
  [[nodiscard]] Failure refused(const Try& request_try, const io::HttpResponse& response) const;
  Outcome read_answer(const Try& request_try, base::Timestamp started_at, Attempt& attempt,
                      io::HttpResponse response) const;
  base::Status wait_before_retry(const Try& request_try, const Failure& failure,
                                 const std::stop_token& stop);
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  [[nodiscard]] base::Error out_of_time() const;

  const spec::Pipeline& pipeline_;
  const Options& options_;
  io::Env& env_;
  base::EventSink& events_;
  const Redactor redactor_;
  const std::string source_url_;
  const spec::RunValues window_values_;
  const std::chrono::steady_clock::time_point deadline_;
  RateLimiter rate_limiter_;
  std::atomic<std::int64_t> requests_ = 0;
  std::atomic<std::int64_t> retries_ = 0;
};

}  // namespace ashore::extract
