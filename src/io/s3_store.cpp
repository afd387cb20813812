// Speaks the REST interface of S3 (Amazon Simple Storage Service API Reference, 2006-03-01): get,
// put, head, delete, copy and ListObjectsV2. libcurl signs.
#include "io/s3_store.h"

#include <unistd.h>

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/digest.h"
#include "base/percent_encoding.h"
#include "base/timestamp.h"
#include "io/http_date.h"
#include "io/store_path.h"

namespace ashore::io {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using std::chrono::milliseconds;

constexpr int kTriesMax = 6;
constexpr milliseconds kFirstPause{100};
constexpr std::int64_t kObjectBytesMax = std::int64_t{5} << 30;  // of one put
constexpr std::int64_t kPartBytes = std::int64_t{16} << 20;      // of one read of a large object

std::string encoded_key(std::string_view key) {
  std::string text;
  while (true) {
    const auto slash = key.find('/');
    text += base::percent_encoded(key.substr(0, slash));
    if (slash == std::string_view::npos) return text;
    text += '/';
    key.remove_prefix(slash + 1);
  }
}

// What S3 says of a failure: <Error><Code>…</Code><Message>…</Message>…
struct S3Error {
  std::string code;
  std::string message;
};

S3Error error_of(const std::string& body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return {};
  const auto error = document.child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

// 409: a conflicting operation is under way.
bool may_pass(int status) {
  return status == 409 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

// Keys that ended while a run was under way; a HEAD says 400 alone.
bool says_keys_are_over(const HttpResponse& response) {
  if (response.status != 400 && response.status != 403) return false;
  const auto code = error_of(response.body).code;
  return code == "ExpiredToken" || code == "TokenRefreshRequired" ||
         (code.empty() && response.status == 400);
}

// What to do about the failures that people meet, by S3's code.
std::string_view remedy_of(std::string_view code) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kRemedies = {{
      {"AccessDenied", "The credentials may not do this: see which rights docs/cloud.md asks for."},
      {"ExpiredToken", "The temporary credentials are over: get new ones and run again."},
      {"InvalidToken", "Check AWS_SESSION_TOKEN: it must be of the same credentials as the key."},
      {"InvalidAccessKeyId", "Check AWS_ACCESS_KEY_ID."},
      {"XAdminUserNotFound", "Check AWS_ACCESS_KEY_ID."},  // so called by versitygw
      {"SignatureDoesNotMatch", "Check AWS_SECRET_ACCESS_KEY and AWS_REGION."},
      {"RequestTimeTooSkewed", "Set this machine's clock: it differs from the server's."},
      {"AuthorizationHeaderMalformed", "Check AWS_REGION: the bucket is in another one."},
      {"PermanentRedirect", "Check AWS_REGION: the bucket is in another one."},
      {"NoSuchBucket", "Check the bucket's name; ashore makes none."},
  }};
  const auto found =
      std::ranges::find(kRemedies, code, &std::pair<std::string_view, std::string_view>::first);
  return found == kRemedies.end() ? std::string_view() : found->second;
}

// Bytes of an object that were fetched whole; they stay when the object goes.
class FetchedReader final : public ObjectReader {
 public:
  explicit FetchedReader(std::unique_ptr<MappedBytes> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::int64_t bytes() const override {
    return static_cast<std::int64_t>(bytes_->bytes().size());
  }
  Status read_at(std::int64_t offset, std::span<char> target) override {
    const auto part = bytes_->bytes().substr(static_cast<std::size_t>(offset), target.size());
    std::ranges::copy(part, target.begin());
    return {};
  }

 private:
  std::unique_ptr<MappedBytes> bytes_;
};

class SpilledBytes final : public MappedBytes {
 public:
  SpilledBytes(std::unique_ptr<SpillFile> file, std::string_view bytes)
      : file_(std::move(file)), bytes_(bytes) {}
  [[nodiscard]] std::string_view bytes() const override { return bytes_; }

 private:
  std::unique_ptr<SpillFile> file_;
  std::string_view bytes_;
};

class NoLock final : public StoreLock {};

// "bytes 0-99/1234": the size of the whole; nothing where it is not said.
std::optional<std::int64_t> size_of_range(const HttpResponse& response) {
  const auto* const range = response.header("content-range");
  if (range == nullptr) return std::nullopt;
  const auto slash = range->rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto digits = range->substr(slash + 1);
  const bool is_number = !digits.empty() && digits.size() < 19 &&
                         digits.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::optional(std::stoll(digits)) : std::nullopt;
}

}  // namespace

S3Store::S3Store(S3Options options, HttpTransport& http, Clock& clock, std::stop_token stop)
    : options_(std::move(options)),
      http_(http),
      clock_(clock),
      stop_(std::move(stop)),
      uploads_(
          [this](const std::string& path, const std::string& bytes) { return put(path, bytes); }) {}

std::string S3Store::method_of(Kind kind) {
  constexpr std::array<std::string_view, kKinds> kMethods = {"GET", "PUT", "HEAD",
                                                             "GET", "PUT", "DELETE"};
  return std::string(kMethods.at(kind));
}

std::vector<std::pair<std::string, std::int64_t>> S3Store::requests() const {
  constexpr std::array<std::string_view, kKinds> kNames = {"get",  "put",  "head",
                                                           "list", "copy", "delete"};
  std::vector<std::pair<std::string, std::int64_t>> counts;
  for (std::size_t kind = 0; kind < kNames.size(); ++kind) {
    counts.emplace_back(kNames.at(kind), requests_.at(kind).load(std::memory_order_relaxed));
  }
  return counts;
}

std::string S3Store::location() const {
  return "s3://" + options_.bucket + (options_.prefix.empty() ? "" : "/" + options_.prefix);
}

std::string S3Store::location_of(std::string_view path) const {
  return path.empty() ? location() : location() + "/" + std::string(path);
}

std::string S3Store::key_of(std::string_view path) const {
  if (options_.prefix.empty()) return std::string(path);
  return path.empty() ? options_.prefix : options_.prefix + "/" + std::string(path);
}

std::string S3Store::url_of(const Call& call) const {
  const auto path = call.key.empty() ? std::string() : "/" + encoded_key(call.key);
  const auto query = call.query.empty() ? std::string() : "?" + call.query;
  if (!options_.endpoint.empty()) {
    return options_.endpoint + "/" + options_.bucket + path + query;
  }
  const auto host = "s3." + options_.region + ".amazonaws.com";
  // A certificate covers one label before the service's name.
  if (options_.bucket.find('.') != std::string::npos) {
    return "https://" + host + "/" + options_.bucket + path + query;
  }
  return "https://" + options_.bucket + "." + host + (path.empty() ? "/" : path) + query;
}

HttpRequest S3Store::request_of(const Call& call, const AwsKeys& keys) const {
  HttpRequest request;
  request.method = method_of(call.kind);
  request.url = url_of(call);
  request.headers = call.headers;
  request.headers.emplace_back("x-amz-content-sha256", base::to_hex(base::sha256(call.body)));
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/octet-stream");
  if (!keys.session_token.empty()) {
    request.secret_headers.emplace_back("x-amz-security-token", keys.session_token);
  }
  request.body = call.body;
  request.aws_signer = AwsSigner{options_.region, keys.access_key, keys.secret_key};
  request.is_sent_once = call.is_sent_once;
  request.redirects_max = 0;
  request.body_bytes_max = kObjectBytesMax;
  request.total_timeout = std::chrono::minutes(10);
  return request;
}

Error S3Store::refused(const Call& call, const HttpResponse& response) const {
  const auto error = error_of(response.body);
  const auto name = "s3://" + options_.bucket + "/" + call.key;
  // Servers say 404 of buckets and of keys that nobody has, too.
  const bool is_missing =
      response.status == 404 && (error.code.empty() || error.code == "NoSuchKey");
  if (is_missing) return base::not_found("no such object: " + name);
  std::string what = "S3 answers " + std::to_string(response.status) +
                     (error.code.empty() ? "" : " " + error.code) + " to " + method_of(call.kind) +
                     " " + name;
  if (!error.message.empty()) what += ": " + error.message;
  const bool passes = may_pass(response.status);
  auto refusal = passes ? base::transient(std::move(what)) : base::permanent(std::move(what));
  // A HEAD has no body to say why.
  const auto code = error.code.empty() && response.status == 403 ? "AccessDenied" : error.code;
  const auto remedy = remedy_of(code);
  return remedy.empty() ? refusal : std::move(refusal).with_remedy(std::string(remedy));
}

Result<S3Store::Answer> S3Store::send(const Call& call) {
  auto pause = kFirstPause;
  for (int number = 1;; ++number) {
    TRY(const auto keys, options_.credentials->keys(stop_));
    requests_.at(call.kind).fetch_add(1, std::memory_order_relaxed);
    auto response = http_.send(request_of(call, keys), stop_);
    const bool is_over = response.ok() && says_keys_are_over(response.value());
    const bool passes = response.ok() ? may_pass(response.value().status) ||
                                            (is_over && options_.credentials->renew(keys))
                                      : response.error().kind() == ErrorKind::kTransient;
    if (!passes || number == kTriesMax) {
      if (!response.ok()) {
        return std::move(response).error().within("s3://" + options_.bucket + "/" + call.key);
      }
      return Answer{std::move(response).value(), number > 1};
    }
    if (!clock_.sleep(pause, stop_)) {
      return Error(ErrorKind::kInterrupted, "stopped while asking S3");
    }
    pause *= 2;
  }
}

Result<std::string> S3Store::read(std::string_view path) {
  uploads_.wait_for(path);
  const Call call{.key = key_of(path), .query = {}};
  TRY(auto answer, send(call));
  if (answer.response.status != 200) return refused(call, answer.response);
  return std::move(answer.response.body);
}

Result<std::unique_ptr<MappedBytes>> S3Store::map(std::string_view path) {
  uploads_.wait_for(path);
  Call call{.key = key_of(path), .query = {}};
  call.headers.emplace_back("Range", "bytes=0-" + std::to_string(kPartBytes - 1));
  TRY(auto answer, send(call));
  auto& response = answer.response;
  // An empty object has no range.
  if (response.status == 416) return std::make_unique<OwnedBytes>(std::string());
  if (response.status != 200 && response.status != 206) return refused(call, response);
  const auto size =
      size_of_range(response).value_or(static_cast<std::int64_t>(response.body.size()));
  if (size <= static_cast<std::int64_t>(response.body.size())) {
    return std::make_unique<OwnedBytes>(std::move(response.body));
  }
  const auto* const etag = response.header("etag");
  const auto version = etag == nullptr ? std::string() : *etag;
  TRY(auto file, spill());
  TRY(file->append(response.body));
  auto offset = static_cast<std::int64_t>(response.body.size());
  while (offset < size) {
    TRY(const auto part, read_part(path, offset, version));
    if (part.empty()) return base::transient("cut short: " + location_of(path));
    TRY(file->append(part));
    offset += static_cast<std::int64_t>(part.size());
  }
  TRY(const auto bytes, file->map());
  return std::make_unique<SpilledBytes>(std::move(file), bytes);
}

Result<std::string> S3Store::read_part(std::string_view path, std::int64_t offset,
                                       const std::string& etag) {
  Call call{.key = key_of(path), .query = {}};
  if (!etag.empty()) call.headers.emplace_back("If-Match", etag);
  call.headers.emplace_back(
      "Range", "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + kPartBytes - 1));
  TRY(auto answer, send(call));
  if (answer.response.status == 206) return std::move(answer.response.body);
  if (answer.response.status == 412) {
    return base::transient("replaced while it was read: " + location_of(path));
  }
  return refused(call, answer.response);
}

Result<std::unique_ptr<ObjectReader>> S3Store::open(std::string_view path) {
  TRY(auto bytes, map(path));
  return std::make_unique<FetchedReader>(std::move(bytes));
}

Result<std::optional<ObjectInfo>> S3Store::stat(std::string_view path) {
  uploads_.wait_for(path);
  const Call call{.kind = kHead, .key = key_of(path), .query = {}};
  TRY(const auto answer, send(call));
  const auto& response = answer.response;
  if (response.status == 404) return std::optional<ObjectInfo>();
  if (response.status != 200) return refused(call, response);
  ObjectInfo info{.path = std::string(path)};
  if (const auto* const length = response.header("content-length")) {
    info.bytes = std::stoll("0" + *length);
  }
  if (const auto* const modified = response.header("last-modified")) {
    if (const auto time = http_date(*modified)) info.modified = *time;
  }
  return std::optional(std::move(info));
}

Result<S3Store::Page> S3Store::list_page(const std::string& prefix, bool is_flat,
                                         const std::string& token) {
  Call call{.kind = kList, .key = {}, .query = {}};
  // In the order of their names, as they are signed.
  if (!token.empty()) call.query += "continuation-token=" + base::percent_encoded(token) + "&";
  if (is_flat) call.query += "delimiter=%2F&";
  call.query += "encoding-type=url&list-type=2&prefix=" + base::percent_encoded(prefix);
  TRY(const auto answer, send(call));
  if (answer.response.status != 200) return refused(call, answer.response);
  const auto& body = answer.response.body;
  pugi::xml_document document;
  const auto result = document.load_buffer(body.data(), body.size())
                          ? document.child("ListBucketResult")
                          : pugi::xml_node();
  const auto unreadable = [&](std::string_view what) {
    return base::transient("S3's listing of " + location() +
                           " cannot be read: " + std::string(what));
  };
  if (!result) return unreadable("no ListBucketResult");
  const bool is_encoded = std::string_view(result.child_value("EncodingType")) == "url";
  const auto key_in = [&](const pugi::xml_node& node, const char* name) {
    const std::string text = node.child_value(name);
    return is_encoded ? base::percent_decoded_where_valid(text) : text;
  };
  Page page;
  for (const auto& object : result.children("Contents")) {
    ObjectInfo info{.path = key_in(object, "Key"),
                    .bytes = std::stoll("0" + std::string(object.child_value("Size")))};
    const auto time =
        base::parse_timestamp(object.child_value("LastModified"), base::ZoneRule::kRequired);
    if (!time.ok()) return unreadable("an object without its time");
    info.modified = time.value();
    page.objects.push_back(std::move(info));
  }
  for (const auto& folder : result.children("CommonPrefixes")) {
    page.folders.push_back(key_in(folder, "Prefix"));
  }
  if (std::string_view(result.child_value("IsTruncated")) == "true") {
    page.next = result.child_value("NextContinuationToken");
    if (page.next.empty()) return unreadable("more follows, and not where");
  }
  return page;
}

Result<std::vector<ObjectInfo>> S3Store::list_keys(const std::string& prefix) {
  std::vector<ObjectInfo> objects;
  std::string token;
  do {
    TRY(auto page, list_page(prefix, false, token));
    std::ranges::move(page.objects, std::back_inserter(objects));
    token = std::move(page.next);
  } while (!token.empty());
  return objects;
}

Result<std::vector<ObjectInfo>> S3Store::list(std::string_view folder) {
  uploads_.wait_for_all();
  const auto prefix = key_of(folder).empty() ? std::string() : key_of(folder) + "/";
  TRY(auto objects, list_keys(prefix));
  const auto own = options_.prefix.empty() ? std::size_t{0} : options_.prefix.size() + 1;
  for (auto& object : objects) object.path.erase(0, own);
  std::ranges::sort(objects, {}, &ObjectInfo::path);
  return objects;
}

Result<std::vector<std::string>> S3Store::list_names(std::string_view folder) {
  uploads_.wait_for_all();
  const auto prefix = key_of(folder).empty() ? std::string() : key_of(folder) + "/";
  std::set<std::string> names;
  std::string token;
  do {
    TRY(auto page, list_page(prefix, true, token));
    for (const auto& object : page.objects) names.insert(object.path.substr(prefix.size()));
    for (auto& name : page.folders) {
      name.pop_back();
      names.insert(name.substr(prefix.size()));
    }
    token = std::move(page.next);
  } while (!token.empty());
  return std::vector<std::string>(names.begin(), names.end());
}

Status S3Store::put(std::string_view path, std::string_view bytes) {
  if (static_cast<std::int64_t>(bytes.size()) > kObjectBytesMax) {
    return base::permanent("larger than S3 takes in one request (5 GB): " + location_of(path))
        .with_remedy("Take smaller partitions or windows.");
  }
  const Call call{.kind = kPut, .key = key_of(path), .query = {}, .headers = {}, .body = bytes};
  TRY(const auto answer, send(call));
  return answer.response.status == 200 ? Status() : Status(refused(call, answer.response));
}

Status S3Store::write(std::string_view path, std::string_view bytes) {
  TRY(uploads_.finish());
  return put(path, bytes);
}

Status S3Store::write_durable(std::string_view path, std::string_view bytes) {
  return write(path, bytes);
}

Status S3Store::write_new(std::string_view path, std::string_view bytes) {
  return uploads_.add(path, bytes);
}

Status S3Store::put_if_absent(std::string_view path, std::string_view bytes) {
  TRY(uploads_.finish());
  const Call call{.kind = kPut,
                  .key = key_of(path),
                  .query = {},
                  .headers = {{"If-None-Match", "*"}},
                  .body = bytes,
                  // Else the 412 to a second sending would pass for another's commit.
                  .is_sent_once = true};
  TRY(const auto answer, send(call));
  if (answer.response.status == 200) return {};
  if (answer.response.status != 412) return refused(call, answer.response);
  if (answer.is_retried) {
    // An earlier try may have got there without its answer getting back.
    TRY(const auto there, read(path));
    if (there == bytes) return {};
  }
  return Error(ErrorKind::kAlreadyExists, "already there: " + location_of(path));
}

Status S3Store::append(std::string_view path, std::string_view bytes) {
  auto there = read(path);
  if (!there.ok() && there.error().kind() != ErrorKind::kNotFound) return there.error();
  return write(path, (there.ok() ? there.value() : std::string()) + std::string(bytes));
}

Status S3Store::copy(std::string_view source, std::string_view target) {
  uploads_.wait_for(source);
  Call call{.kind = kCopy, .key = key_of(target), .query = {}};
  call.headers.emplace_back("x-amz-copy-source",
                            "/" + options_.bucket + "/" + encoded_key(key_of(source)));
  TRY(const auto answer, send(call));
  const auto& response = answer.response;
  // The status comes before the copy is done; what went wrong then is in the body.
  const auto late = error_of(response.body);
  if (response.status == 200 && late.code.empty()) return {};
  if (response.status == 404 || late.code == "NoSuchKey") {
    return base::not_found("no such object: " + location_of(source));
  }
  if (response.status == 200) {
    return base::transient("S3 could not copy " + location_of(source) + ": " + late.code + " " +
                           late.message);
  }
  return refused(call, response);
}

Status S3Store::rename(std::string_view source, std::string_view target) {
  TRY(uploads_.finish());
  if (source == target) {  // S3 refuses to copy an object to itself
    TRY(const auto there, stat(source));
    return there ? Status() : base::not_found("no such object: " + location_of(source));
  }
  TRY(copy(source, target));
  return remove(source);
}

Status S3Store::rename_folder(std::string_view source, std::string_view target) {
  TRY(const auto objects, list(source));
  if (objects.empty()) return base::not_found("no such folder: " + location_of(source));
  TRY(const auto there, list_names(target));
  if (!there.empty()) {
    return Error(ErrorKind::kAlreadyExists, "already there: " + location_of(target));
  }
  for (const auto& object : objects) {
    TRY(copy(object.path, std::string(target) + object.path.substr(source.size())));
  }
  return remove_folder(source);
}

Status S3Store::link(std::string_view source, std::string_view target) {
  TRY(const auto there, stat(target));
  if (there) return Error(ErrorKind::kAlreadyExists, "already there: " + location_of(target));
  return copy(source, target);
}

Status S3Store::remove(std::string_view path) {
  uploads_.wait_for(path);
  const Call call{.kind = kDelete, .key = key_of(path), .query = {}};
  TRY(const auto answer, send(call));
  const auto status = answer.response.status;
  const bool is_gone = status == 204 || status == 200 ||
                       (status == 404 && error_of(answer.response.body).code == "NoSuchKey");
  return is_gone ? Status() : Status(refused(call, answer.response));
}

Status S3Store::remove_folder(std::string_view folder) {
  TRY(const auto objects, list(folder));
  for (const auto& object : objects) TRY(remove(object.path));
  return {};
}

Result<std::unique_ptr<SpillFile>> S3Store::spill() {
  return spill_to_disk(options_.spill_folder, nullptr);
}

std::string S3Store::local_folder(std::string_view path) const {
  std::string name(path);
  std::ranges::replace(name, '/', '-');
  return options_.spill_folder + "/ashore-" + std::to_string(::getpid()) + "-" + name;
}

Status S3Store::sync(std::span<const std::string>) { return uploads_.finish(); }

Result<std::unique_ptr<StoreLock>> S3Store::lock(std::string_view, std::string_view) {
  return std::make_unique<NoLock>();
}

}  // namespace ashore::io
