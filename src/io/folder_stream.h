// FolderStream reads the names in a folder, and closes it at the end.
#pragma once

#include <dirent.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "io/disk_store.h"

namespace ashore::io {

// Empty where it cannot be read. Threads: one.
class FolderStream {
 public:
  struct Entry {
    std::string name;
    bool is_folder = false;  // false too where the file system does not say
  };

  // Takes over the descriptor of a folder.
  explicit FolderStream(FileDescriptor folder) : stream_(::fdopendir(folder.number())) {
    if (stream_ != nullptr) (void)folder.release();
  }
  ~FolderStream() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  FolderStream(const FolderStream&) = delete;
  FolderStream& operator=(const FolderStream&) = delete;

  // Its descriptor, for calls below it; -1 where it cannot be read.
  [[nodiscard]] int number() const { return stream_ == nullptr ? -1 : ::dirfd(stream_); }

  // By name; those that begin with `left_out` are left out.
  std::vector<Entry> entries(std::string_view left_out) {
    std::vector<Entry> found;
    while (const dirent* entry = stream_ == nullptr ? nullptr : ::readdir(stream_)) {
      const std::string_view name(entry->d_name);
      if (name == "." || name == ".." || name.starts_with(left_out)) continue;
      found.push_back({std::string(name), entry->d_type == DT_DIR});
    }
    std::ranges::sort(found, {}, &Entry::name);
    return found;
  }

 private:
  DIR* stream_;
};

}  // namespace ashore::io
