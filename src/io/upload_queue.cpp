// Workers take uploads in the order they came; whoever waits is woken by each that ends.
#include "io/upload_queue.h"

#include <utility>

namespace ashore::io {

using base::Status;

UploadQueue::UploadQueue(Put put, UploadLimits limits) : put_(std::move(put)), limits_(limits) {}

UploadQueue::~UploadQueue() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
}

bool UploadQueue::has_room(std::size_t bytes) const {
  if (pending_.empty()) return true;
  return pending_.size() < 2 * limits_.in_flight_max &&
         pending_bytes_ + static_cast<std::int64_t>(bytes) <= limits_.waiting_bytes_max;
}

Status UploadQueue::add(std::string_view path, std::string_view bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return has_room(bytes.size()) && !pending_.contains(path); });
  if (!failure_.ok()) return failure_.error();
  pending_.emplace(path, static_cast<std::int64_t>(bytes.size()));
  pending_bytes_ += static_cast<std::int64_t>(bytes.size());
  waiting_.push_back({std::string(path), std::string(bytes)});
  if (waiting_.size() > idle_ && workers_.size() < limits_.in_flight_max) {
    workers_.emplace_back([this] { work(); });
  }
  lock.unlock();
  changed_.notify_all();
  return {};
}

void UploadQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    auto upload = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto status = put_(upload.path, upload.bytes);
    lock.lock();
    if (failure_.ok() && !status.ok()) failure_ = std::move(status);
    pending_bytes_ -= static_cast<std::int64_t>(upload.bytes.size());
    pending_.erase(upload.path);
    changed_.notify_all();
  }
}

void UploadQueue::wait_for(std::string_view path) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !pending_.contains(path); });
}

void UploadQueue::wait_for_all() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return pending_.empty(); });
}

Status UploadQueue::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return pending_.empty(); });
  return std::exchange(failure_, Status());
}

}  // namespace ashore::io
