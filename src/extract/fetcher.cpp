// Fetches one page, again while that may help; nothing secret leaves this file.
#include "extract/fetcher.h"

#include <strings.h>  // strcasecmp

#include <algorithm>
#include <cassert>
#include <utility>

#include "extract/auth.h"
#include "extract/cache_lifetime.h"
#include "extract/link_header.h"
#include "extract/paging_seen.h"
#include "extract/retry.h"
#include "io/url.h"

namespace ashore::extract {

using base::Error;
using base::Result;
using base::Status;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kShownBodyBytesMax = 500;
constexpr std::int64_t kMemoryShare = 8;  // a body may take an eighth of the memory

config::RunValues window_values_of(const config::Extract& extract, const base::Window& window) {
  return extract.window ? config::window_values(window, *extract.window) : config::RunValues{};
}

bool has_header(const io::HttpHeaders& headers, const char* name) {
  return std::ranges::any_of(
      headers, [&](const auto& header) { return ::strcasecmp(header.first.c_str(), name) == 0; });
}

std::int64_t body_bytes_max(const config::Limits& limits, std::int64_t memory_bytes) {
  const std::int64_t share = std::max<std::int64_t>(memory_bytes / kMemoryShare, 1);
  return std::min(limits.body_bytes_max.value_or(share), share);
}

std::string_view remedy_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return "Check extract.auth and the credentials it names.";
    case 404:
    case 410:
      return "Check source.url and extract.request.path.";
    case 429:
      return "Ask less often (extract.rate), or run again later.";
    default:
      return is_retryable(status) ? "The source is in trouble: run again later."
                                  : "Check extract.request against what the API expects.";
  }
}

// What a body of another shape looks like: all of a short one, else the keys where items should be.
std::string shown_body(const std::string& body, const json::Pointer& items) {
  if (body.size() <= kShownBodyBytesMax) return ": " + body;
  std::string text;
  for (const auto& key : json::keys_near(body, items)) text += " " + key;
  return text.empty() ? text : ", there are:" + text;
}

// RFC 9110: the request is accepted, its answer is still being made.
constexpr int kAccepted = 202;

// An object where the body should be the array of items, which else is taken for an only item.
bool is_object_instead(std::string_view body, const json::Pointer& items) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return items.is_root() && first != std::string_view::npos && body[first] == '{';
}

bool has_items(const std::string& body, const json::Pointer& items) {
  json::EnvelopePaths only;
  only.items = items;
  return json::read_envelope(body, only).ok();
}

std::int64_t steady_ms(io::Clock& clock) {
  return std::chrono::ceil<milliseconds>(clock.steady_now().time_since_epoch()).count();
}

Error interrupted() { return {base::ErrorKind::kInterrupted, "stopped while fetching"}; }

// The same failure, saying that it was the last of several.
Error gave_up(const Error& error, int tries) {
  Error last(error.kind(), error.what() + "; gave up after " + std::to_string(tries) +
                               (tries == 1 ? " try" : " tries"));
  if (!error.remedy().empty()) last = std::move(last).with_remedy(error.remedy());
  if (!error.steps().empty()) last = std::move(last).within(error.steps());
  return last;
}

RateShare share_of(const config::Rate& rate, const Options& options) {
  return rate.is_shared ? RateShare{options.rate_shares, options.rate_share} : RateShare{};
}

}  // namespace

Fetcher::Fetcher(const config::Pipeline& pipeline, const Options& options,
                 const state::RunContext& context)
    : pipeline_(pipeline),
      context_(context),
      redactor_(pipeline),
      source_url_(options.source_url.value_or(pipeline.source_url)),
      window_values_(window_values_of(pipeline.extract, options.window)),
      deadline_(context.env.clock.steady_now() + pipeline.extract.limits.run_timeout),
      rate_limiter_(context.env.clock, pipeline.extract.rate.requests_per_second,
                    share_of(pipeline.extract.rate, options)),
      cached_until_ms_(steady_ms(context.env.clock)) {}

Result<Answer> Fetcher::fetch(const PageRequest& page, Attempt& attempt,
                              const std::stop_token& stop) {
  const std::string step = (page.keys ? "lookup " : "page ") + std::to_string(page.number);
  TRY(const auto prepared, prepare(page).within(step));
  for (int number = 1;; ++number) {
    const Try request_try{.prepared = prepared,
                          .page = page.number,
                          .number = number,
                          .is_lookup = page.keys.has_value()};
    auto outcome = try_once(request_try, attempt, stop);
    if (auto* answer = std::get_if<Answer>(&outcome)) {
      has_answered_ = true;
      return std::move(*answer);
    }
    auto& failure = std::get<Failure>(outcome);
    if (stop.stop_requested()) return interrupted().within(step);
    if (!failure.may_retry) return std::move(failure.error).within(step);
    if (number >= pipeline_.extract.retry.attempts_max) {
      return gave_up(failure.error, number).within(step);
    }
    TRY(wait_before_retry(request_try, failure, stop).within(step));
  }
}

// Rows are asked for wherever they are, so the window's ends resolve to nothing.
config::RunValues Fetcher::lookup_values(const std::vector<std::string>& keys) const {
  const auto& extract = pipeline_.extract;
  config::RunValues values;
  values.page = extract.pages.first;
  values.offset = 0;
  values.limit = static_cast<std::int64_t>(keys.size());
  values.keys = keys;
  values.keys_are_numbers = std::ranges::any_of(pipeline_.tables, [&](const config::Table& table) {
    const auto* const column = config::lookup_column(extract.items, table);
    return column != nullptr && column->type.kind != base::TypeKind::kString;
  });
  return values;
}

config::RunValues Fetcher::values_of(const PageRequest& page) const {
  if (page.keys) return lookup_values(*page.keys);
  config::RunValues values = window_values_;
  values.page = page.page;
  values.offset = page.offset;
  values.cursor = page.cursor;
  values.limit = pipeline_.extract.pages.size;
  return values;
}

Result<Fetcher::Prepared> Fetcher::prepare(const PageRequest& page) const {
  const config::Extract& extract = pipeline_.extract;
  assert(!page.keys || extract.lookup);
  TRY(auto rendered, config::render_request(page.keys ? extract.lookup->request : extract.request,
                                            source_url_, values_of(page), pipeline_.environment));
  Prepared prepared;
  io::HttpRequest& request = prepared.request;
  request.method = rendered.method;
  request.url = page.url.value_or(rendered.url);
  // A server that repeats the key in its links would have it twice, and in the manifest.
  if (page.url && extract.auth.kind == config::AuthKind::kApiKeyQuery) {
    TRY(auto url, io::Url::parse(request.url));
    url.remove_parameters(extract.auth.name);
    request.url = url.text();
  }
  request.body = rendered.body.value_or("");
  request.is_body_secret = rendered.body != rendered.shown_body;
  request.connect_timeout = extract.limits.connect_timeout;
  request.total_timeout = extract.limits.request_timeout;
  request.body_bytes_max = body_bytes_max(extract.limits, context_.memory_bytes);
  request.redirects_max = extract.limits.redirects_max;
  add_headers(rendered, &request);
  add_auth(extract.auth, &request);

  prepared.origin.method = rendered.method;
  prepared.origin.url = redactor_.redact(page.url ? request.url : rendered.shown_url);
  if (rendered.shown_body) prepared.origin.body = redactor_.redact(*rendered.shown_body);
  return prepared;
}

void Fetcher::add_headers(const config::RenderedRequest& rendered, io::HttpRequest* request) const {
  assert(rendered.headers.size() == rendered.shown_headers.size());
  for (std::size_t index = 0; index < rendered.headers.size(); ++index) {
    const auto& [name, value] = rendered.headers[index];
    // A header that holds an environment value is as secret as that value.
    if (value == rendered.shown_headers[index].second) {
      request->headers.emplace_back(name, value);
    } else {
      request->secret_headers.emplace_back(name, base::Secret(value));
    }
  }
  if (asks_past_caches_) {
    std::erase_if(request->headers, [](const auto& header) {
      return ::strcasecmp(header.first.c_str(), "cache-control") == 0;
    });
    request->headers.emplace_back("Cache-Control", "no-cache");
  }
  const auto add_default = [&](const char* name, std::string value) {
    if (!has_header(rendered.headers, name)) request->headers.emplace_back(name, std::move(value));
  };
  add_default("Accept", "application/json");
  add_default("User-Agent", "ashore/" + context_.version);
  if (rendered.body) add_default("Content-Type", "application/json");
}

Fetcher::Outcome Fetcher::try_once(const Try& request_try, Attempt& attempt,
                                   const std::stop_token& stop) {
  if (!rate_limiter_.acquire(stop)) return Failure{interrupted(), false, {}};
  if (time_left() <= milliseconds{0}) return Failure{out_of_time(), false, {}};
  io::HttpRequest request = request_try.prepared.request;
  request.total_timeout = std::min(request.total_timeout, time_left());
  const auto started_at = context_.env.clock.now();
  ++requests_;
  auto response = context_.env.http.send(request, stop);
  if (!response.ok()) {
    auto error = redactor_.redact(response.error());
    const bool may_retry = error.kind() == base::ErrorKind::kTransient;
    return Failure{std::move(error), may_retry, {}};
  }
  const int status = response.value().status;
  if (status < 200 || status > 299) return refused(request_try, response.value());
  note_lifetime(response.value().headers);
  return read_answer(request_try, started_at, attempt, std::move(response).value());
}

Fetcher::Failure Fetcher::refused(const Try& request_try, const io::HttpResponse& response) const {
  const auto& origin = request_try.prepared.origin;
  std::string what = "the source answered " + std::to_string(response.status) + ": " +
                     origin.method + " " + origin.url;
  // Redacted before it is cut: half a secret is one too.
  const std::string body = redactor_.redact(response.body).substr(0, kShownBodyBytesMax);
  if (!body.empty()) what += ": " + body;
  const bool is_limit = is_rate_limit(response.status, response.headers);
  const auto& more_statuses = pipeline_.extract.retry.statuses;
  const bool may_retry = is_retryable(response.status) || is_limit ||
                         std::ranges::find(more_statuses, response.status) != more_statuses.end();
  Failure failure{may_retry ? base::transient(std::move(what)) : base::permanent(std::move(what)),
                  may_retry,
                  {}};
  failure.error = std::move(failure.error).with_remedy(remedy_of(is_limit ? 429 : response.status));
  failure.retry_after = wait_asked_for(response.status, response.headers, context_.env.clock.now());
  return failure;
}

namespace {

io::HttpHeaders shown_headers(const io::HttpHeaders& headers, const Redactor& redactor) {
  io::HttpHeaders shown;
  for (const auto& [name, value] : headers) {
    if (::strcasecmp(name.c_str(), "set-cookie") == 0) continue;
    shown.emplace_back(name, redactor.redact(value));
  }
  return shown;
}

}  // namespace

Fetcher::Outcome Fetcher::read_answer(const Try& request_try, base::Timestamp started_at,
                                      Attempt& attempt, io::HttpResponse response) const {
  auto facts = read_page(response.body, pipeline_.extract);
  const auto& at = pipeline_.extract.items.at;
  if (response.status == kAccepted && (!facts.ok() || is_object_instead(response.body, at))) {
    return not_ready(request_try, response, attempt);
  }
  if (!facts.ok()) return not_as_promised(request_try, facts.error(), response, attempt);
  Answer answer;
  answer.facts = std::move(facts).value();
  answer.origin = request_try.prepared.origin;
  answer.origin.status = response.status;
  answer.origin.headers = shown_headers(response.headers, redactor_);
  answer.origin.started_at = started_at;
  answer.origin.seconds = std::chrono::duration<double>(response.elapsed).count();
  answer.url = response.effective_url;
  if (answer.url.empty()) answer.url = request_try.prepared.request.url;
  answer.link_header = next_link(response.headers);
  answer.body = std::move(response.body);
  return answer;
}

Fetcher::Failure Fetcher::not_ready(const Try& request_try, const io::HttpResponse& response,
                                    Attempt& attempt) const {
  auto evidence = attempt.keep_evidence(request_try.page, request_try.number, response.body);
  if (!evidence.ok()) return Failure{std::move(evidence).error(), false, {}};
  const auto& origin = request_try.prepared.origin;
  auto error =
      base::transient("the source answered 202, which says that it is not ready: " + origin.method +
                      " " + origin.url)
          .with_remedy("Look at the body: " + evidence.value());
  return Failure{std::move(error), true,
                 wait_asked_for(response.status, response.headers, context_.env.clock.now())};
}

Result<bool> Fetcher::has_kept_promise(const Try& request_try) const {
  if (has_answered_) return true;
  // A lookup is another request than those that have landed.
  if (request_try.is_lookup) return false;
  return has_landed_before(context_.env.store, pipeline_);
}

Fetcher::Failure Fetcher::not_as_promised(const Try& request_try, const Error& why,
                                          const io::HttpResponse& response,
                                          Attempt& attempt) const {
  const auto& body = response.body;
  auto evidence = attempt.keep_evidence(request_try.page, request_try.number, body);
  if (!evidence.ok()) return Failure{std::move(evidence).error(), false, {}};
  auto what = why.what();
  auto kind = why.kind();
  bool may_retry = kind == base::ErrorKind::kTransient;
  if (!may_retry) {
    what += shown_body(body, pipeline_.extract.items.at);
    auto kept_promise = has_items(body, pipeline_.extract.items.at) ? Result<bool>(false)
                                                                    : has_kept_promise(request_try);
    if (!kept_promise.ok()) return Failure{std::move(kept_promise).error(), false, {}};
    may_retry = kept_promise.value();
    if (may_retry && json::has_own_error(body)) kind = base::ErrorKind::kTransient;
  }
  auto remedy = why.remedy();
  remedy += (remedy.empty() ? "" : " ") + ("Look at the body: " + evidence.value());
  const auto& origin = request_try.prepared.origin;
  auto error = redactor_.redact(Error(kind, what)).within(origin.method + " " + origin.url);
  return Failure{std::move(error).with_remedy(std::move(remedy)), may_retry,
                 wait_asked_for(response.status, response.headers, context_.env.clock.now())};
}

Status Fetcher::wait_before_retry(const Try& request_try, const Failure& failure,
                                  const std::stop_token& stop) {
  const config::Retry& retry = pipeline_.extract.retry;
  if (failure.retry_after && *failure.retry_after > retry.retry_after_max) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*failure.retry_after).count();
    const auto until = std::chrono::ceil<std::chrono::seconds>(context_.env.clock.now()) +
                       std::chrono::seconds(std::min<std::int64_t>(seconds, 1LL << 33));
    return base::transient("the source asks to wait " + std::to_string(seconds) + " s, until " +
                           base::format_timestamp(until) +
                           ", longer than retry.retry_after_max allows: " + failure.error.what())
        .with_remedy("Run again after that time, or raise retry.retry_after_max.");
  }
  const auto wait = failure.retry_after.value_or(
      backoff_wait(retry, request_try.number, context_.env.random.next()));
  if (wait >= time_left()) return out_of_time();
  ++retries_;
  const auto& url = request_try.prepared.origin.url;
  context_.events.emit(base::RequestRetried{.url = url.substr(0, url.find('?')),
                                            .attempt = request_try.number,
                                            .why = failure.error.what(),
                                            .wait = wait});
  if (!context_.env.clock.sleep(wait, stop)) return interrupted();
  return {};
}

void Fetcher::note_lifetime(const io::HttpHeaders& headers) {
  const auto lifetime = std::min(cache_lifetime(headers, context_.env.clock.now()), kCacheWaitMax);
  const auto until = steady_ms(context_.env.clock) + milliseconds(lifetime).count();
  auto known = cached_until_ms_.load();
  while (known < until && !cached_until_ms_.compare_exchange_weak(known, until)) {
  }
}

milliseconds Fetcher::cache_wait() const {
  return milliseconds(std::max<std::int64_t>(cached_until_ms_ - steady_ms(context_.env.clock), 0));
}

Status Fetcher::wait_for_caches(milliseconds wait, const std::stop_token& stop) {
  if (wait.count() == 0) return {};
  if (wait >= time_left()) return out_of_time();
  if (!context_.env.clock.sleep(wait, stop)) return interrupted();
  return {};
}

milliseconds Fetcher::time_left() const {
  return std::chrono::floor<milliseconds>(deadline_ - context_.env.clock.steady_now());
}

Error Fetcher::out_of_time() const {
  const auto limit = pipeline_.extract.limits.run_timeout;
  return base::transient("extract took longer than limits.run_timeout allows: " +
                         std::to_string(std::chrono::ceil<std::chrono::seconds>(limit).count()) +
                         " s")
      .with_remedy("Run again later, ask for a smaller window, or raise limits.run_timeout.");
}

}  // namespace ashore::extract
