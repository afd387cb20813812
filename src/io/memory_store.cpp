// Stores objects in a sorted map from path to bytes: listing a folder is a range of it.
#include "io/memory_store.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "io/store_path.h"

namespace ashore::io {

namespace {

using base::Result;
using base::Status;

class MemoryReader final : public ObjectReader {
 public:
  explicit MemoryReader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::int64_t bytes() const override {
    return static_cast<std::int64_t>(bytes_->size());
  }
  Status read_at(std::int64_t offset, std::span<char> target) override {
    assert(offset >= 0 && static_cast<std::size_t>(offset) + target.size() <= bytes_->size());
    if (!target.empty()) std::memcpy(target.data(), bytes_->data() + offset, target.size());
    return {};
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

base::Error no_such(std::string_view path) {
  return base::not_found("no such file: memory/" + std::string(path));
}

base::Error exists_already(std::string_view path) {
  return {base::ErrorKind::kAlreadyExists, "file exists: memory/" + std::string(path)};
}

// The prefix that all objects below a folder share; "" is the whole store.
std::string folder_prefix(std::string_view folder) {
  return folder.empty() ? "" : std::string(folder) + "/";
}

}  // namespace

class MemoryStore::Lock final : public StoreLock {
 public:
  Lock(MemoryStore* store, std::string path) : store_(store), path_(std::move(path)) {}
  ~Lock() override {
    const std::lock_guard lock(store_->mutex_);
    store_->locks_.erase(path_);
  }

 private:
  MemoryStore* store_;
  std::string path_;
};

std::string MemoryStore::location_of(std::string_view path) const {
  return "memory/" + std::string(path);
}

Result<std::string> MemoryStore::read(std::string_view path) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  if (found == objects_.end()) return no_such(path);
  return *found->second;
}

Result<std::unique_ptr<ObjectReader>> MemoryStore::open(std::string_view path) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  if (found == objects_.end()) return no_such(path);
  // The reader shares the bytes: they live on when the object is replaced or removed.
  return std::make_unique<MemoryReader>(found->second);
}

Result<std::optional<ObjectInfo>> MemoryStore::stat(std::string_view path) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  if (found == objects_.end()) return std::optional<ObjectInfo>();
  return std::optional(ObjectInfo{.path = std::string(path),
                                  .bytes = static_cast<std::int64_t>(found->second->size()),
                                  .modified = {}});
}

Result<std::vector<ObjectInfo>> MemoryStore::list(std::string_view folder) {
  if (!folder.empty()) check_store_path(folder);
  const std::lock_guard lock(mutex_);
  const auto prefix = folder_prefix(folder);
  std::vector<ObjectInfo> infos;
  for (auto found = objects_.lower_bound(prefix);
       found != objects_.end() && found->first.starts_with(prefix); ++found) {
    infos.push_back({.path = found->first,
                     .bytes = static_cast<std::int64_t>(found->second->size()),
                     .modified = {}});
  }
  return infos;
}

Result<std::vector<std::string>> MemoryStore::list_names(std::string_view folder) {
  TRY(const auto infos, list(folder));
  const auto prefix = folder_prefix(folder);
  std::set<std::string> names;
  for (const auto& info : infos) {
    const auto rest = info.path.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('/')));
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Status MemoryStore::write(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  objects_.insert_or_assign(std::string(path), std::make_shared<const std::string>(bytes));
  return {};
}

Status MemoryStore::write_durable(std::string_view path, std::string_view bytes) {
  return write(path, bytes);
}

// Objects are replaced whole under the mutex, so no write of this store can be seen by half.
Status MemoryStore::write_new(std::string_view path, std::string_view bytes) {
  return write(path, bytes);
}

Status MemoryStore::put_if_absent(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = objects_.try_emplace(std::string(path));
  if (!is_new) return exists_already(path);
  place->second = std::make_shared<const std::string>(bytes);
  return {};
}

Status MemoryStore::append(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  auto& object = objects_[std::string(path)];
  object = std::make_shared<const std::string>((object ? *object : "") + std::string(bytes));
  return {};
}

Status MemoryStore::rename(std::string_view source, std::string_view target) {
  check_store_path(source);
  check_store_path(target);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(source);
  if (found == objects_.end()) return no_such(source);
  auto bytes = std::move(found->second);
  objects_.erase(found);
  objects_.insert_or_assign(std::string(target), std::move(bytes));
  return {};
}

Status MemoryStore::rename_folder(std::string_view source, std::string_view target) {
  check_store_path(source);
  check_store_path(target);
  TRY(const auto there, list(target));
  if (!there.empty()) return exists_already(target);
  TRY(const auto infos, list(source));
  if (infos.empty()) return no_such(source);
  for (const auto& info : infos) {
    TRY(rename(info.path, std::string(target) + info.path.substr(source.size())));
  }
  return {};
}

Status MemoryStore::link(std::string_view source, std::string_view target) {
  check_store_path(source);
  check_store_path(target);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(source);
  if (found == objects_.end()) return no_such(source);
  const auto bytes = found->second;
  const auto [place, is_new] = objects_.try_emplace(std::string(target), bytes);
  return is_new ? Status() : exists_already(target);
}

Status MemoryStore::remove(std::string_view path) {
  check_store_path(path);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  if (found != objects_.end()) objects_.erase(found);
  return {};
}

Status MemoryStore::remove_folder(std::string_view folder) {
  TRY(const auto infos, list(folder));
  for (const auto& info : infos) TRY(remove(info.path));
  return {};
}

Status MemoryStore::sync(std::span<const std::string>) { return {}; }

Result<std::unique_ptr<StoreLock>> MemoryStore::lock(std::string_view path,
                                                     std::string_view holder) {
  check_store_path(path);
  if (kind_ == Kind::kObjectStorage) return std::make_unique<StoreLock>();
  const std::lock_guard guard(mutex_);
  const auto [place, is_free] = locks_.try_emplace(std::string(path), holder);
  if (!is_free) return base::transient("locked by another process: " + place->second);
  return std::make_unique<Lock>(this, std::string(path));
}

}  // namespace ashore::io
