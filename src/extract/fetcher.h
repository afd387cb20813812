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
#include "config/pipeline.h"
#include "config/template.h"
#include "extract/attempt.h"
#include "extract/options.h"
#include "extract/page.h"
#include "extract/paginator.h"
#include "extract/rate_limiter.h"
#include "extract/redactor.h"
#include "state/manifest.h"
#include "state/run_context.h"

namespace ashore::extract {

// A page that is the promised JSON, and where it came from.
struct Answer {
  std::string body;
  PageFacts facts;
  state::PageOrigin origin;
  std::string url;                         // after redirects, without secrets of auth
  std::optional<std::string> link_header;  // the target of rel="next"
};

// A further reading waits this long at most for caches to forget the one before.
inline constexpr std::chrono::seconds kCacheWaitMax{60};

// All that is needed must outlive it. Threads: every method may be called from any at once.
class Fetcher {
 public:
  // The time that limits.run_timeout allows begins now.
  Fetcher(const config::Pipeline& pipeline, const Options& options,
          const state::RunContext& context);

  // Asks for one page, or the answer of a lookup where the request has keys (its window is
  // dropped), up to retry.attempts_max times, under the pipeline's rate. Bodies that are not the
  // promised JSON are kept as evidence of `attempt`. Errors name the page:
  //   kTransient   no good answer in all attempts, the last one no JSON, or a refusal in a body of
  //                its own (an `error` and no items) by a source that has answered as promised; a
  //                Retry-After over its limit; the run's time is over; a file could not be written
  //   kPermanent   a 4xx that no retry fixes; what the transport calls permanent; JSON that is not
  //                as promised; a template that cannot be rendered
  //   kInterrupted
  base::Result<Answer> fetch(const PageRequest& page, Attempt& attempt,
                             const std::stop_token& stop);

  // From now on requests ask for what no cache has kept (Cache-Control: no-cache). Precondition: no
  // page is being fetched.
  void ask_past_caches() { asks_past_caches_ = true; }
  // How long until no cache may give an answer that came so far, by what the answers said
  // (cache_lifetime.h); at most kCacheWaitMax.
  [[nodiscard]] std::chrono::milliseconds cache_wait() const;
  // Waits that long. kTransient: the run's time would be over; kInterrupted.
  base::Status wait_for_caches(std::chrono::milliseconds wait, const std::stop_token& stop);

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
    bool is_lookup;
  };
  // One try that failed.
  struct Failure {
    base::Error error;
    bool may_retry = false;
    std::optional<std::chrono::milliseconds> retry_after;
  };
  using Outcome = std::variant<Answer, Failure>;

  [[nodiscard]] base::Result<Prepared> prepare(const PageRequest& page) const;
  [[nodiscard]] config::RunValues values_of(const PageRequest& page) const;
  [[nodiscard]] config::RunValues lookup_values(const std::vector<std::string>& keys) const;
  void add_headers(const config::RenderedRequest& rendered, io::HttpRequest* request) const;
  Outcome try_once(const Try& request_try, Attempt& attempt, const std::stop_token& stop);
  [[nodiscard]] Failure refused(const Try& request_try, const io::HttpResponse& response) const;
  Outcome read_answer(const Try& request_try, base::Timestamp started_at, Attempt& attempt,
                      io::HttpResponse response) const;
  // What becomes of a body that is not as the pipeline file says, for `why`. One without items is
  // asked for again where the source has kept the promise before.
  Failure not_as_promised(const Try& request_try, const base::Error& why,
                          const io::HttpResponse& response, Attempt& attempt) const;
  Failure not_ready(const Try& request_try, const io::HttpResponse& response,
                    Attempt& attempt) const;
  // Whether the source has answered as the pipeline file says before.
  [[nodiscard]] base::Result<bool> has_kept_promise(const Try& request_try) const;
  void note_lifetime(const io::HttpHeaders& headers);
  base::Status wait_before_retry(const Try& request_try, const Failure& failure,
                                 const std::stop_token& stop);
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  [[nodiscard]] base::Error out_of_time() const;

  const config::Pipeline& pipeline_;
  const state::RunContext& context_;
  const Redactor redactor_;
  const std::string source_url_;
  const config::RunValues window_values_;
  const std::chrono::steady_clock::time_point deadline_;
  RateLimiter rate_limiter_;
  std::atomic<std::int64_t> requests_ = 0;
  std::atomic<std::int64_t> retries_ = 0;
  std::atomic<bool> has_answered_ = false;  // as promised
  bool asks_past_caches_ = false;
  std::atomic<std::int64_t> cached_until_ms_;  // of the steady clock
};

}  // namespace ashore::extract
