// SpillBuffer collects bytes in memory, on disk once they are too many.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

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
    if (file_ != nullptr) return file_->append(bytes);
    bytes_ += bytes;
    if (bytes_.size() <= bytes_max_) return {};
    TRY(file_, store_->spill());
    TRY(file_->append(bytes_));
    std::string().swap(bytes_);  // gives its memory back
    return {};
  }
  // All bytes; called once, after the last append(). The view is valid while this lives where it
  // is.
  base::Result<std::string_view> finish() {
    if (file_ != nullptr) return file_->map();
    return std::string_view(bytes_);
  }

 private:
  ObjectStore* store_;
  std::size_t bytes_max_;
  std::string bytes_;
  std::unique_ptr<SpillFile> file_;
};

}  // namespace ashore::io
