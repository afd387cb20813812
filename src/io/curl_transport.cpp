// Every use of libcurl is in this file.
#include "io/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <utility>
#include <vector>

#include "io/http_url.h"

namespace ashore::io {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

struct HandleCloser {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleCloser>;

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
  const HttpRequest* request = nullptr;
  const std::stop_token* stop = nullptr;
  HttpResponse response;
  bool is_over_limit = false;
  bool is_stopped = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  const std::size_t length = size * count;
  const auto limit = static_cast<std::size_t>(exchange.request->body_bytes_max);
  if (exchange.response.body.size() + length > limit) {
    exchange.is_over_limit = true;
    return 0;
  }
  exchange.response.body.append(bytes, length);
  return length;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  const std::string_view line(bytes, size * count);
  if (line.starts_with("HTTP/")) {
    exchange.response.headers.clear();
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.emplace_back(lower(std::string(line.substr(0, colon))),
                                           trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

int watch_stop(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(target);
  exchange.is_stopped = exchange.stop->stop_requested();
  return exchange.is_stopped ? 1 : 0;
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
  std::string url;  // without secrets
  bool has_body = false;
  bool has_secrets = true;
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

void prepare(CURL* handle, const Hop& hop, const std::string& user_agent, curl_slist* headers,
             Exchange* exchange) {
  const auto& request = *exchange->request;
  curl_easy_reset(handle);
  const auto url = hop.has_secrets ? with_parameters(hop.url, request.secret_query) : hop.url;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  if (hop.has_body) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
  } else if (hop.method == "POST") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "");
  }
  if (hop.method != "GET" && hop.method != "POST") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, hop.method.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout.count()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &watch_stop);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, exchange);
}

bool is_permanent(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
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
    case CURLE_URL_MALFORMAT:
      return "Give an http or https url.";
    default:
      return "Run again; if it persists, look at the server's log.";
  }
}

Error failure(CURLcode code, const Exchange& exchange, const std::string& shown_url,
              const char* detail) {
  if (exchange.is_stopped) {
    return Error(ErrorKind::kInterrupted, "stopped while asking " + shown_url);
  }
  if (exchange.is_over_limit) {
    return base::permanent("body over the limit of " +
                           std::to_string(exchange.request->body_bytes_max) + " bytes from " +
                           shown_url)
        .with_remedy("Ask for smaller pages, or raise limits.body and --memory.");
  }
  const std::string why = *detail != '\0' ? detail : curl_easy_strerror(code);
  const auto kind = is_permanent(code) ? ErrorKind::kPermanent : ErrorKind::kTransient;
  return Error(kind, "no answer from " + shown_url + ": " + why).with_remedy(remedy_of(code));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where the redirect leads; the target's origin decides whether secrets go along.
Hop next_hop(const HttpRequest& request, const Hop& hop, int status, const std::string& target) {
  Hop next = hop;
  next.url = without_parameters(without_credentials(target), request.secret_query);
  next.has_secrets = hop.has_secrets && origin_of(target) == origin_of(request.url);
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

Result<Answered> exchange_once(CURL* handle, const HttpRequest& request, const Hop& hop,
                               const std::string& user_agent, const std::stop_token& stop) {
  Exchange exchange{&request, &stop, {}, false, false};
  char detail[CURL_ERROR_SIZE] = "";
  const auto headers = headers_of(request, hop);
  prepare(handle, hop, user_agent, headers.get(), &exchange);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
  if (code != CURLE_OK) return failure(code, exchange, hop.url, detail);
  long status = 0;
  curl_off_t elapsed = 0;
  char* redirect = nullptr;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &elapsed);
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &redirect);
  Answered answered{std::move(exchange.response), ""};
  answered.response.status = static_cast<int>(status);
  answered.response.elapsed = std::chrono::microseconds(elapsed);
  answered.response.effective_url = hop.url;
  if (redirect != nullptr && is_redirect(answered.response.status)) {
    answered.redirect_url = redirect;
  }
  return answered;
}

}  // namespace

struct CurlTransport::Pool {
  explicit Pool(std::string agent) : user_agent(std::move(agent)) {}

  Handle take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return Handle(curl_easy_init());
  }
  void give_back(Handle handle) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(handle));
  }

  const std::string user_agent;
  std::mutex mutex;
  std::vector<Handle> idle;  // with their open connections; guarded by mutex
};

CurlTransport::CurlTransport(std::string user_agent)
    : pool_(std::make_unique<Pool>(std::move(user_agent))) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

CurlTransport::~CurlTransport() {
  pool_.reset();
  curl_global_cleanup();
}

Result<HttpResponse> CurlTransport::send(const HttpRequest& request, const std::stop_token& stop) {
  Handle handle = pool_->take();
  if (handle == nullptr) return base::transient("cannot make an HTTP handle: out of memory");
  Hop hop{request.method, without_credentials(request.url), !request.body.empty(), true};
  std::chrono::microseconds elapsed{0};
  for (int redirects = 0;; ++redirects) {
    auto answered = exchange_once(handle.get(), request, hop, pool_->user_agent, stop);
    if (!answered.ok()) return std::move(answered).error();
    elapsed += answered.value().response.elapsed;
    if (answered.value().redirect_url.empty()) {
      pool_->give_back(std::move(handle));
      answered.value().response.elapsed = elapsed;
      return std::move(answered).value().response;
    }
    if (redirects == request.redirects_max) {
      return base::permanent("more than " + std::to_string(request.redirects_max) +
                             " redirects, the last to " +
                             without_parameters(without_credentials(answered.value().redirect_url),
                                                request.secret_query))
          .with_remedy("Use the final url in the pipeline, or raise limits.redirects.");
    }
    hop = next_hop(request, hop, answered.value().response.status, answered.value().redirect_url);
  }
}

const std::string* HttpResponse::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

}  // namespace ashore::io
