// An ObjectStore on a folder of a local disk.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "io/fault_points.h"
#include "io/object_store.h"

namespace ashore::io {

// Closes a file descriptor. Movable, not copyable.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  int release();

 private:
  int number_;
};

// Names that begin with ".tmp-" are files being written: they are never listed. Durability: data
// and names are safe after sync() or put_if_absent(). Threads: as ObjectStore.
class DiskStore final : public ObjectStore {
 public:
  // Makes the folder with its parents if it is missing. Every system call that follows is a fault
  // point of `faults`, which outlives the store; nullptr: none is. kPermanent: the folder cannot be
  // made or is a file.
  static base::Result<std::unique_ptr<DiskStore>> open(const std::string& root,
                                                       FaultPoints* faults = nullptr);

  [[nodiscard]] std::string location() const override { return root_; }
  [[nodiscard]] std::string location_of(std::string_view path) const override;

  base::Result<std::string> read(std::string_view path) override;
  base::Result<std::unique_ptr<ObjectReader>> open(std::string_view path) override;
  base::Result<std::unique_ptr<MappedBytes>> map(std::string_view path) override;
  base::Result<std::optional<ObjectInfo>> stat(std::string_view path) override;
  base::Result<std::vector<ObjectInfo>> list(std::string_view folder) override;
  base::Result<std::vector<std::string>> list_names(std::string_view folder) override;
  base::Result<std::vector<ObjectInfo>> list_temporaries() override;

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
  base::Result<std::unique_ptr<SpillFile>> spill() override {
    return spill_to_disk(root_, faults_);
  }
  base::Status sync(std::span<const std::string> paths) override;
  base::Result<std::unique_ptr<StoreLock>> lock(std::string_view path,
                                                std::string_view holder) override;

 private:
  DiskStore(std::string root, FileDescriptor folder, FaultPoints* faults);

  // False, with errno set, where a test wants the call to fail.
  [[nodiscard]] bool may(std::string_view call, std::string_view path) const;
  [[nodiscard]] bool write_all(int file, std::string_view bytes, std::string_view path) const;
  [[nodiscard]] bool unlink(const std::string& path) const;
  [[nodiscard]] FileDescriptor open_file(std::string_view path, int flags) const;

  // An Error of the last system call, from errno.
  base::Error failure(std::string_view step, std::string_view path) const;
  base::Status make_parents(std::string_view path);
  base::Result<FileDescriptor> create(std::string_view path, int flags);
  // Creates a new file beside `path` and tells its name.
  base::Result<FileDescriptor> create_temporary(std::string_view path, std::string* temporary);
  base::Status move_from_temporary(const std::string& temporary, std::string_view path);
  base::Result<std::string> write_temporary(std::string_view path, std::string_view bytes,
                                            bool is_durable);
  base::Status rename_path(std::string_view source, std::string_view target, unsigned flags);
  void remove_empty_parents(std::string_view path);
  // Syncs the folders above `path` but those that are `done`.
  base::Status sync_folders_of(std::string_view path, std::set<std::string>* done);
  base::Status list_into(FileDescriptor folder, const std::string& prefix,
                         std::vector<ObjectInfo>* infos);

  const std::string root_;
  const FileDescriptor folder_;
  FaultPoints* const faults_;
  std::atomic<std::uint64_t> temporary_count_{0};
};

}  // namespace ashore::io
