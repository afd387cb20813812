// Answers HTTP requests.
// Large answers are streamed, so that made-up launches are never all in memory.
#include "simulator/routes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "simulator/connection_server.h"

namespace ashore::simulator {

namespace {

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kText = "text/plain; charset=utf-8";
constexpr std::size_t kWholeMax = 20'000;  // documents of an answer that is built before it is sent
constexpr std::size_t kChunkDocuments = 1'000;

// A fast digest for ETags, eight bytes a step; not cryptographic.
std::uint64_t digest_of(std::string_view bytes) {
  std::uint64_t digest = bytes.size();
  std::uint64_t word = 0;
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), sizeof word);
    word = 0;
    std::memcpy(&word, bytes.data(), taken);
    digest = (digest ^ word) * 0x9e3779b97f4a7c15U;
    digest ^= digest >> 29U;
    bytes.remove_prefix(taken);
  }
  return digest;
}

std::string hex_of(std::uint64_t number) {
  std::array<char, 17> buffer{};
  (void)std::snprintf(buffer.data(), buffer.size(), "%llx",
                      static_cast<unsigned long long>(number));
  return buffer.data();
}

std::string etag_of(std::string_view body) {
  return '"' + hex_of(body.size()) + '-' + hex_of(digest_of(body)) + '"';
}

// Weak comparison, as If-None-Match asks for: W/ in front makes no difference.
bool is_known(const std::string& if_none_match, const std::string& etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string::npos;
}

void set_text(int status, std::string body, httplib::Response& response) {
  response.status = status;
  response.body = std::move(body);
  response.set_header("Content-Type", kText);
}

void set_json(std::string body, const httplib::Request& request, httplib::Response& response) {
  const std::string etag = etag_of(body);
  response.status = 200;
  response.set_header("ETag", etag);
  response.set_header("Cache-Control", "max-age=20");
  if (is_known(request.get_header_value("If-None-Match"), etag)) {
    response.status = 304;
    return;
  }
  response.body = std::move(body);
  response.set_header("Content-Type", kJson);
}

// Sends `head`, the documents of the answer piece by piece, and its tail.
void stream(const Collection& collection, const std::string& head, Answer answer,
            httplib::Response& response) {
  response.status = 200;
  const auto state = std::make_shared<Answer>(std::move(answer));
  const auto next = std::make_shared<std::size_t>(state->begin);
  const auto send = [&collection, state, next, head](std::size_t offset, httplib::DataSink& sink) {
    std::string chunk = offset == 0 ? head : "";
    const std::size_t end = std::min(*next + kChunkDocuments, state->end);
    collection.append_all(*state, *next, end, chunk);
    *next = end;
    if (end == state->end) chunk += state->tail;
    if (!sink.write(chunk.data(), chunk.size())) return false;
    if (end == state->end) sink.done();
    return true;
  };
  response.set_chunked_content_provider(kJson, send);
}

void set_answer(const Collection& collection, std::string head, Answer answer,
                const httplib::Request& request, httplib::Response& response) {
  if (answer.end - answer.begin > kWholeMax) {
    stream(collection, head, std::move(answer), response);
    return;
  }
  std::string body = std::move(head);
  collection.append_all(answer, answer.begin, answer.end, body);
  body += answer.tail;
  set_json(std::move(body), request, response);
}

// Promises the whole body, sends half of it and ends the connection.
void cut_body(int connection, httplib::Response& response) {
  const auto body = std::make_shared<std::string>(std::move(response.body));
  response.body.clear();
  response.headers.erase("Content-Type");
  const auto send = [body, connection](std::size_t, std::size_t, httplib::DataSink& sink) {
    (void)sink.write(body->data(), body->size() / 2);
    ConnectionServer::hang_up(connection);
    return false;
  };
  response.set_content_provider(body->size(), kJson, send);
}

void set_html(httplib::Response& response) {
  response.status = 200;
  response.body =
      "<!DOCTYPE html>\n<html><head><title>Just a moment</title></head><body>Please "
      "wait.</body></html>\n";
  response.set_header("Content-Type", "text/html; charset=utf-8");
}

// Cuts a path at its slashes; an empty piece at the end counts for nothing.
std::vector<std::string> pieces_of(std::string_view path) {
  std::vector<std::string> pieces;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) pieces.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash);
  }
  return pieces;
}

}  // namespace

void Pause::wait(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  (void)ended_.wait_for(lock, duration, [this] { return is_ended_; });
}

void Pause::end() {
  const std::scoped_lock lock(mutex_);
  is_ended_ = true;
  ended_.notify_all();
}

Routes::Routes(Collections collections, const Faults& faults)
    : collections_(std::move(collections)), faults_(faults), plan_(faults) {}

void Routes::answer(const httplib::Request& request, httplib::Response& response) {
  if (faults_.latency.count() > 0) pause_.wait(faults_.latency);
  switch (plan_.next()) {
    case Outcome::kTooManyRequests:
      response.set_header("Retry-After", std::to_string(faults_.retry_after.count()));
      return set_text(429, "Rate limit exceeded, try again later", response);
    case Outcome::kServerError:
      return set_text(faults_.server_error_status, "The server is not well", response);
    case Outcome::kSilence:
      pause_.wait(faults_.timeout_hold);
      return ConnectionServer::hang_up(request.remote_port);
    case Outcome::kHtml:
      return set_html(response);
    case Outcome::kCutBody:
      answer_well(request, response);
      return cut_body(request.remote_port, response);
    case Outcome::kAnswer:
      return answer_well(request, response);
  }
}

Routes::Route Routes::route_of(std::string_view path) const {
  const std::vector<std::string> pieces = pieces_of(path);
  if (pieces.size() < 2 || pieces.size() > 3) return {};
  const bool has_version = pieces[0] == "v4" || (pieces[0] == "v5" && pieces[1] == "launches");
  const auto collection = collections_.find(pieces[1]);
  if (!has_version || collection == collections_.end()) return {};
  return {.collection = collection->second.get(), .rest = pieces.size() == 3 ? pieces[2] : ""};
}

void Routes::answer_well(const httplib::Request& request, httplib::Response& response) {
  const Route route = route_of(request.path);
  const bool posts = request.method == "POST";
  if (route.collection == nullptr || posts != (route.rest == "query"))
    return set_text(404, "Not Found", response);
  if (posts) return answer_query(*route.collection, request, response);
  if (route.rest.empty()) return answer_all(*route.collection, request, response);
  answer_one(*route.collection, route.rest, request, response);
}

void Routes::answer_query(Collection& collection, const httplib::Request& request,
                          httplib::Response& response) {
  base::Result<QueryRequest> read = read_query_request(request.body);
  if (!read.ok()) return set_text(400, read.error().what(), response);
  const QueryRequest& query = read.value();
  const std::int64_t page = query.paging.page.value_or(1);
  const Indexes found = plan_.rearrange(collection.find(query));
  Answer answer = cut_page(found, query, std::ssize(*found) + plan_.total_error(page));
  plan_.page_served(page, answer.documents, answer.end);
  set_answer(collection, "{\"docs\":[", std::move(answer), request, response);
}

void Routes::answer_all(const Collection& collection, const httplib::Request& request,
                        httplib::Response& response) {
  std::vector<std::int64_t> indexes(static_cast<std::size_t>(collection.source().count()));
  std::iota(indexes.begin(), indexes.end(), 0);
  const std::size_t end = indexes.size();
  set_answer(
      collection, "[",
      Answer{.documents = std::make_shared<const std::vector<std::int64_t>>(std::move(indexes)),
             .begin = 0,
             .end = end,
             .selection = {},
             .tail = "]"},
      request, response);
}

void Routes::answer_one(const Collection& collection, const std::string& id,
                        const httplib::Request& request, httplib::Response& response) {
  const std::optional<std::int64_t> index = collection.source().find(lower_case(id));
  if (!index) return set_text(404, "Not Found", response);
  std::string body;
  collection.source().append(*index, body);
  set_json(std::move(body), request, response);
}

}  // namespace ashore::simulator
