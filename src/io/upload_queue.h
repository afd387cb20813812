// UploadQueue puts objects in the background, many at once: one put takes a store far away some
// tens of milliseconds, whatever its size.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"

namespace ashore::io {

struct UploadLimits {
  std::size_t in_flight_max = 64;                           // threads, made as they are needed
  std::int64_t waiting_bytes_max = std::int64_t{32} << 20;  // of bodies; one alone may be larger
};

// Threads: any, at once. The destructor waits for what was added.
class UploadQueue {
 public:
  using Put = std::function<base::Status(const std::string& path, const std::string& bytes)>;

  explicit UploadQueue(Put put, UploadLimits limits = {});
  ~UploadQueue();
  UploadQueue(const UploadQueue&) = delete;
  UploadQueue& operator=(const UploadQueue&) = delete;

  // Takes a copy; waits for room, and for an earlier put of the same path. Fails where one failed
  // since the last finish(): as it did.
  base::Status add(std::string_view path, std::string_view bytes);
  // Waits until the path is not on its way.
  void wait_for(std::string_view path);
  // Waits for all, and leaves a failure to finish().
  void wait_for_all();
  // Waits for all. The first failure since the last call.
  base::Status finish();

 private:
  struct Upload {
    std::string path;
    std::string bytes;
  };

  void work();
  [[nodiscard]] bool has_room(std::size_t bytes) const;

  const Put put_;
  const UploadLimits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::deque<Upload> waiting_;
  std::map<std::string, std::int64_t, std::less<>> pending_;  // path -> bytes, until it is put
  std::int64_t pending_bytes_ = 0;
  std::size_t idle_ = 0;  // workers that wait for something to do
  bool is_ending_ = false;
  base::Status failure_;
  std::vector<std::jthread> workers_;  // last: they use all of the above
};

}  // namespace ashore::io
