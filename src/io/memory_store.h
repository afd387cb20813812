// An ObjectStore in memory, complete, for tests.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "io/object_store.h"

namespace ashore::io {

// Threads: as ObjectStore. Times are 1970; sync() does nothing.
class MemoryStore final : public ObjectStore {
 public:
  // What it behaves like: an object storage's locks hold nobody off.
  enum class Kind { kDisk, kObjectStorage };
  explicit MemoryStore(Kind kind = Kind::kDisk) : kind_(kind) {}

  [[nodiscard]] std::string location() const override { return "memory"; }
  [[nodiscard]] std::string location_of(std::string_view path) const override;
  [[nodiscard]] bool is_file_system() const override { return kind_ == Kind::kDisk; }

  base::Result<std::string> read(std::string_view path) override;
  base::Result<std::unique_ptr<ObjectReader>> open(std::string_view path) override;
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
  base::Status sync(std::span<const std::string> paths) override;
  base::Result<std::unique_ptr<StoreLock>> lock(std::string_view path,
                                                std::string_view holder) override;

 private:
  using Bytes = std::shared_ptr<const std::string>;
  class Lock;

  const Kind kind_;
  std::mutex mutex_;
  std::map<std::string, Bytes, std::less<>> objects_;      // guarded by mutex_
  std::map<std::string, std::string, std::less<>> locks_;  // path -> holder; guarded by mutex_
};

}  // namespace ashore::io
