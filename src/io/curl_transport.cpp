// Sends HTTP requests by libcurl, following redirects one hop at a time.
#include "io/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "io/shown_url.h"
#include "io/url.h"

namespace ashore::io {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Headers of one answer together; libcurl limits each line itself.
constexpr std::size_t kHeaderBytesMax = std::size_t{1} << 20;
// How long libcurl sleeps at most when nothing happens; a stop wakes it at once.
constexpr int kPollMilliseconds = 1'000;

struct EasyCloser {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCloser {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

// One exchange at a time, with the connections it keeps: the multi handle owns those.
struct Line {
  std::unique_ptr<CURLM, MultiCloser> multi;
  std::unique_ptr<CURL, EasyCloser> easy;
};
using Handle = std::unique_ptr<Line>;

Handle make_line() {
  auto line = std::make_unique<Line>();
  line->multi.reset(curl_multi_init());
  line->easy.reset(curl_easy_init());
  return line->multi != nullptr && line->easy != nullptr ? std::move(line) : nullptr;
}

struct ListCloser {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

std::string trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "";
  return std::string(text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1));
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char character) {
    return static_cast<char>(std::tolower(character));
  });
  return text;
}

// What one exchange fills while it runs.
struct Exchange {
  CURL* handle = nullptr;
  const HttpRequest* request = nullptr;
  HttpResponse response;
  std::size_t header_bytes = 0;
  bool has_all_headers = false;
  bool is_over_limit = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  const std::size_t length = size * count;
  const auto limit = static_cast<std::size_t>(exchange.request->body_bytes_max);
  if (exchange.response.body.size() + length > limit) {
    exchange.is_over_limit = true;
    return 0;
  }
  auto& body = exchange.response.body;
  if (body.empty()) {
    // What the server says it will send; less or more may come.
    curl_off_t announced = -1;
    curl_easy_getinfo(exchange.handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > 0) body.reserve(std::min(static_cast<std::size_t>(announced), limit));
  }
  body.append(bytes, length);
  return length;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  const std::string_view line(bytes, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kHeaderBytesMax) return 0;
  if (line.starts_with("HTTP/")) {
    exchange.response.headers.clear();
    exchange.has_all_headers = false;
  } else if (trimmed(line).empty()) {
    exchange.has_all_headers = true;
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.emplace_back(lower(std::string(line.substr(0, colon))),
                                           trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

void add_header(HeaderList* list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list->get(), line.c_str());
  if (longer == nullptr) return;
  (void)list->release();
  list->reset(longer);
}

// Where a request goes at one hop: redirects change it.
struct Hop {
  std::string method;
  Url url;                   // without secrets
  std::string first_origin;  // of the request: its secrets go nowhere else
  bool has_body = false;
  bool has_secrets = true;
  std::chrono::milliseconds time_left{0};
};

HeaderList headers_of(const HttpRequest& request, const Hop& hop) {
  HeaderList list;
  add_header(&list, "Expect:");  // no round trip before a body
  for (const auto& [name, value] : request.headers) {
    if (!hop.has_body && lower(name) == "content-type") continue;
    add_header(&list, value.empty() ? name + ";" : name + ": " + value);
  }
  if (!hop.has_secrets) return list;
  for (const auto& [name, value] : request.secret_headers) {
    add_header(&list, name + ": " + value.reveal());
  }
  return list;
}

void sign(CURL* handle, const AwsSigner& signer) {
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, ("aws:amz:" + signer.region + ":s3").c_str());
  curl_easy_setopt(handle, CURLOPT_USERNAME, signer.access_key.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, signer.secret_key.reveal().c_str());
}

void prepare(CURL* handle, const Hop& hop, const CurlOptions& options, curl_slist* headers,
             Exchange* exchange) {
  const auto& request = *exchange->request;
  curl_easy_reset(handle);
  const auto url = hop.has_secrets ? hop.url.text_with(request.secret_query) : hop.url.text();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, request.is_sent_once ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // a slow DNS holds up no stop and no time-out
  curl_easy_setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.authorities_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.authorities_file.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  if (hop.has_body) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
  } else if (hop.method == "POST" || hop.method == "PUT") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "");
  }
  if (hop.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  if (request.aws_signer) sign(handle, *request.aws_signer);
  // A body would make libcurl send POST.
  if (hop.method != "POST") curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, hop.method.c_str());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(hop.time_left.count()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, exchange);
}

bool is_permanent(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return true;
    default:
      return false;
  }
}

const char* remedy_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "Check the host's name and this machine's DNS.";
    case CURLE_COULDNT_CONNECT:
      return "Check that the server runs and that host, port and proxy are right.";
    case CURLE_OPERATION_TIMEDOUT:
      return "Run again, or raise limits.request_timeout in the pipeline file.";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return "Check the certificate; SSL_CERT_FILE names the authorities to trust.";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_SSL_CONNECT_ERROR:
      return "Check the url's scheme and port: the server speaks something else.";
    case CURLE_URL_MALFORMAT:
      return "Give an http or https url.";
    default:
      return "Run again; if it persists, look at the server's log.";
  }
}

Error failure(CURLcode code, const Exchange& exchange, const std::string& shown_url,
              const char* detail) {
  if (exchange.is_over_limit) {
    return base::permanent("body over the limit of " +
                           std::to_string(exchange.request->body_bytes_max) + " bytes from " +
                           shown_url)
        .with_remedy("Ask for smaller pages, or raise limits.body and --memory.");
  }
  if (exchange.header_bytes > kHeaderBytesMax) {
    return base::permanent("headers over the limit of " + std::to_string(kHeaderBytesMax) +
                           " bytes from " + shown_url);
  }
  const std::string why = *detail != '\0' ? detail : curl_easy_strerror(code);
  const auto kind = is_permanent(code) ? ErrorKind::kPermanent : ErrorKind::kTransient;
  return Error(kind, "no answer from " + shown_url + ": " + why).with_remedy(remedy_of(code));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The url without the secret parameters that somebody may have echoed.
Url without_secrets(const HttpRequest& request, Url url) {
  for (const auto& [name, value] : request.secret_query) url.remove_parameters(name);
  return url;
}

// Where the redirect leads; the target's origin decides whether secrets go along.
Hop next_hop(const HttpRequest& request, const Hop& hop, int status, const Url& target) {
  Hop next = hop;
  next.url = without_secrets(request, target);
  next.has_secrets = hop.has_secrets && target.origin() == hop.first_origin;
  const bool becomes_get = status == 303 || (status <= 302 && hop.method == "POST");
  if (becomes_get) {
    next.method = "GET";
    next.has_body = false;
  }
  return next;
}

struct Answered {
  HttpResponse response;
  std::string redirect_url;  // "" unless it is a redirect with a target
};

// Runs the prepared exchange to its end. Nothing if a stop was requested.
std::optional<CURLcode> perform(const Line& line, const std::stop_token& stop) {
  CURLM* multi = line.multi.get();
  const std::stop_callback wake(stop, [multi] { (void)curl_multi_wakeup(multi); });
  if (curl_multi_add_handle(multi, line.easy.get()) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
  std::optional<CURLcode> result;
  CURLMcode code = CURLM_OK;
  for (int running = 1; !stop.stop_requested();) {
    code = curl_multi_perform(multi, &running);
    if (code != CURLM_OK || running == 0) break;
    code = curl_multi_poll(multi, nullptr, 0, kPollMilliseconds, nullptr);
    if (code != CURLM_OK) break;
  }
  int left = 0;
  if (const CURLMsg* message = curl_multi_info_read(multi, &left)) result = message->data.result;
  if (code != CURLM_OK) result = CURLE_OUT_OF_MEMORY;
  curl_multi_remove_handle(multi, line.easy.get());
  return result;
}

Result<Answered> exchange_once(const Line& line, const HttpRequest& request, const Hop& hop,
                               const CurlOptions& options, const std::stop_token& stop) {
  Exchange exchange;
  exchange.handle = line.easy.get();
  exchange.request = &request;
  char detail[CURL_ERROR_SIZE] = "";
  const auto headers = headers_of(request, hop);
  CURL* const handle = exchange.handle;
  prepare(handle, hop, options, headers.get(), &exchange);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
  const auto code = perform(line, stop);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
  if (!code) return Error(ErrorKind::kInterrupted, "stopped while asking " + hop.url.text());
  if (*code != CURLE_OK) return failure(*code, exchange, hop.url.text(), detail);
  // libcurl takes an end amid the headers for an answer without a body.
  if (!exchange.has_all_headers) {
    return failure(CURLE_PARTIAL_FILE, exchange, hop.url.text(), "cut short amid its headers");
  }
  long status = 0;
  curl_off_t elapsed = 0;
  char* redirect = nullptr;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &elapsed);
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &redirect);
  Answered answered{std::move(exchange.response), ""};
  answered.response.status = static_cast<int>(status);
  answered.response.elapsed = std::chrono::microseconds(elapsed);
  answered.response.effective_url = hop.url.text();
  if (redirect != nullptr && is_redirect(answered.response.status)) {
    answered.redirect_url = redirect;
  }
  return answered;
}

}  // namespace

struct CurlTransport::Pool {
  explicit Pool(CurlOptions given) : options(std::move(given)) {}

  Handle take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return make_line();
  }
  void give_back(Handle handle) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(handle));
  }

  const CurlOptions options;
  std::mutex mutex;
  std::vector<Handle> idle;  // with their open connections; guarded by mutex
};

CurlTransport::CurlTransport(CurlOptions options)
    : pool_(std::make_unique<Pool>(std::move(options))) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

CurlTransport::CurlTransport(std::string user_agent)
    : CurlTransport(CurlOptions{.user_agent = std::move(user_agent), .authorities_file = ""}) {}

CurlTransport::~CurlTransport() {
  pool_.reset();
  curl_global_cleanup();
}

namespace {

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

base::Status check_request(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (!has_line_break(name) && !has_line_break(value)) continue;
    return base::permanent("a line break in the header: " + name);
  }
  for (const auto& [name, value] : request.secret_headers) {
    if (!has_line_break(name) && !has_line_break(value.reveal())) continue;
    return base::permanent("a line break in the secret value of the header: " + name)
        .with_remedy("Check the file or variable that holds it for a line break at its end.");
  }
  return {};
}

Error too_many_redirects(const HttpRequest& request, const Url& target) {
  return base::permanent("more than " + std::to_string(request.redirects_max) +
                         " redirects, the last to " + without_secrets(request, target).text())
      .with_remedy("Use the final url in the pipeline, or raise limits.redirects.");
}

Error body_stays(const Hop& hop, const Url& target) {
  return base::permanent("redirected to another host, " + target.origin() +
                         ", and the request's body holds values from the environment, which stay "
                         "with " +
                         hop.first_origin)
      .with_remedy("If that host is right, make it the source's url.");
}

Error leads_elsewhere(const Hop& hop, const std::string& target) {
  return base::permanent("redirected from " + hop.url.text() +
                         " to what is no http or https url: " + without_keys(target));
}

}  // namespace

Result<HttpResponse> CurlTransport::send(const HttpRequest& request, const std::stop_token& stop) {
  TRY(check_request(request));
  const auto url = Url::parse(request.url);
  if (!url.ok()) {
    return base::permanent("the url " + url.error().what() + ": " + without_keys(request.url))
        .with_remedy("Give an http or https url.");
  }
  Handle line = pool_->take();
  if (line == nullptr) return base::transient("cannot make an HTTP handle: out of memory");
  Hop hop{.method = request.method,
          .url = url.value(),
          .first_origin = url.value().origin(),
          .has_body = !request.body.empty(),
          .has_secrets = true,
          .time_left = std::max(request.total_timeout, std::chrono::milliseconds(1))};
  std::chrono::microseconds elapsed{0};
  for (int redirects = 0;; ++redirects) {
    auto exchanged = exchange_once(*line, request, hop, pool_->options, stop);
    if (!exchanged.ok()) return std::move(exchanged).error();
    auto answered = std::move(exchanged).value();
    elapsed += answered.response.elapsed;
    if (answered.redirect_url.empty()) {
      pool_->give_back(std::move(line));
      answered.response.elapsed = elapsed;
      return std::move(answered.response);
    }
    const auto target = Url::parse(answered.redirect_url);
    if (!target.ok()) return leads_elsewhere(hop, answered.redirect_url);
    if (redirects == request.redirects_max) return too_many_redirects(request, target.value());
    hop = next_hop(request, hop, answered.response.status, target.value());
    if (hop.has_body && !hop.has_secrets && request.is_body_secret) {
      return body_stays(hop, target.value());
    }
    // The time is for the whole exchange; libcurl takes 0 for no limit.
    const auto spent = std::chrono::ceil<std::chrono::milliseconds>(elapsed);
    hop.time_left = std::max(request.total_timeout - spent, std::chrono::milliseconds(1));
  }
}

const std::string* HttpResponse::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

}  // namespace ashore::io
