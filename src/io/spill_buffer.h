// SpillBuffer collects bytes in memory, on disk once they are too many.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::io {

// Threads: one while it is written.
class SpillBuffer {
 public:
  // Up to `bytes_max` bytes stay in memory. The store outlives this.
  SpillBuffer(ObjectStore& store, std::size_t bytes_max) : store_(&store), bytes_max_(bytes_max) {}

  // Errors: those of ObjectStore::spill().
  base::Status append(std::string_view bytes) {
    if (!mapped_.empty()) TRY(copy_to_new_file());
    if (file_ != nullptr) return file_->append(bytes);
    bytes_ += bytes;
    if (bytes_.size() <= bytes_max_) return {};
    TRY(file_, store_->spill());
    TRY(file_->append(bytes_));
    std::string().swap(bytes_);  // gives its memory back
    return {};
  }
  // All bytes so far. The view is valid until the next append(), while this lives where it is.
  base::Result<std::string_view> finish() {
    if (file_ == nullptr) return std::string_view(bytes_);
    if (mapped_.empty()) {
      TRY(mapped_, file_->map());
    }
    return mapped_;
  }

 private:
  // A file that was mapped takes no more bytes.
  base::Status copy_to_new_file() {
    TRY(auto file, store_->spill());
    TRY(file->append(mapped_));
    mapped_ = {};
    file_ = std::move(file);
    return {};
  }

  ObjectStore* store_;
  std::size_t bytes_max_;
  std::string bytes_;
  std::unique_ptr<SpillFile> file_;
  std::string_view mapped_;  // of file_
};

}  // namespace ashore::io
