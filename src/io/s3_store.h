// An ObjectStore on S3, or on what speaks like it, by libcurl.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "io/aws_credentials.h"
#include "io/clock.h"
#include "io/http_transport.h"
#include "io/object_store.h"
#include "io/upload_queue.h"

namespace ashore::io {

struct S3Options {
  std::string bucket;
  std::string prefix = {};  // of all keys, without a slash at either end; "" for none
  std::string region = {};
  std::string endpoint = {};  // "http://127.0.0.1:7070": asked by path; "": AWS, by host name
  std::shared_ptr<AwsCredentials> credentials = {};  // never null
  std::string spill_folder = {};  // of this machine, for what does not fit in memory
};

// What S3 lacks of a file system: folders exist by their objects; a rename is a copy and a removal,
// of a folder one object after another; append() writes the object anew; nothing needs a sync; a
// lock holds nobody off: writers meet at put_if_absent(), which the server decides. Objects of up
// to 5 GB. Requests that fail for a while (no answer, 409, 429, 500, 502, 503, 504) are sent again,
// five times at most, with pauses; keys that are over are got anew where they can be. Errors,
// besides those of ObjectStore:
//   kTransient   no answer, or one that passes, in all tries
//   kPermanent   no such bucket, credentials that are wrong, over or may not do it, clocks that
//                differ too much, another region, an object over 5 GB
// write_new() returns at once and its object is put in the background, 64 at a time: reading,
// listing and removing wait for what they are about, and every other write, put_if_absent() and
// sync() for all, and fail where one of them failed. Messages name the object as s3://bucket/key
// and hold no secret. Threads: as ObjectStore.
class S3Store final : public ObjectStore {
 public:
  // Both must outlive it. A requested stop ends waiting and requests.
  S3Store(S3Options options, HttpTransport& http, Clock& clock, std::stop_token stop = {});

  [[nodiscard]] std::string location() const override;
  [[nodiscard]] std::string location_of(std::string_view path) const override;
  [[nodiscard]] bool is_file_system() const override { return false; }

  base::Result<std::string> read(std::string_view path) override;
  base::Result<std::unique_ptr<ObjectReader>> open(std::string_view path) override;
  base::Result<std::unique_ptr<MappedBytes>> map(std::string_view path) override;
  base::Result<std::optional<ObjectInfo>> stat(std::string_view path) override;
  base::Result<std::vector<ObjectInfo>> list(std::string_view folder) override;
  base::Result<std::vector<std::string>> list_names(std::string_view folder) override;

  base::Status write(std::string_view path, std::string_view bytes) override;
  base::Status write_durable(std::string_view path, std::string_view bytes) override;
  base::Status write_new(std::string_view path, std::string_view bytes) override;
  base::Status put_if_absent(std::string_view path, std::string_view bytes) override;
  base::Status append(std::string_view path, std::string_view bytes) override;
  base::Status rename(std::string_view source, std::string_view target) override;
  base::Status rename_folder(std::string_view source, std::string_view target) override;
  base::Status link(std::string_view source, std::string_view target) override;
  base::Status remove(std::string_view path) override;
  base::Status remove_folder(std::string_view folder) override;
  base::Result<std::unique_ptr<SpillFile>> spill() override;
  [[nodiscard]] std::string local_folder(std::string_view path) const override;
  base::Status sync(std::span<const std::string> paths) override;
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> requests() const override;
  base::Result<std::unique_ptr<StoreLock>> lock(std::string_view path,
                                                std::string_view holder) override;

 private:
  // As S3 charges them.
  enum Kind { kGet, kPut, kHead, kList, kCopy, kDelete, kKinds };

  struct Call {
    Kind kind = kGet;
    std::string key;    // "" for the bucket
    std::string query;  // sorted and encoded
    HttpHeaders headers = {};
    std::string_view body = {};
    bool is_sent_once = false;
  };
  struct Answer {
    HttpResponse response;
    bool is_retried = false;  // it was asked before, and that answer is not known
  };
  struct Page {
    std::vector<ObjectInfo> objects;
    std::vector<std::string> folders;  // keys that end with a slash
    std::string next;                  // "" at the end
  };

  static std::string method_of(Kind kind);
  [[nodiscard]] std::string key_of(std::string_view path) const;
  [[nodiscard]] std::string url_of(const Call& call) const;
  [[nodiscard]] HttpRequest request_of(const Call& call, const AwsKeys& keys) const;
  base::Result<Answer> send(const Call& call);
  [[nodiscard]] base::Error refused(const Call& call, const HttpResponse& response) const;
  base::Status put(std::string_view path, std::string_view bytes);
  base::Status copy(std::string_view source, std::string_view target);
  base::Result<std::string> read_part(std::string_view path, std::int64_t offset,
                                      const std::string& etag);
  base::Result<Page> list_page(const std::string& prefix, bool is_flat, const std::string& token);
  base::Result<std::vector<ObjectInfo>> list_keys(const std::string& prefix);

  const S3Options options_;
  HttpTransport& http_;
  Clock& clock_;
  const std::stop_token stop_;
  std::array<std::atomic<std::int64_t>, kKinds> requests_{};
  UploadQueue uploads_;  // last: it uses all of the above
};

}  // namespace ashore::io
