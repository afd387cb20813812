// Stores objects as files, by system calls relative to one held folder.
// System calls relative to one held folder; folders are made only when a call finds them missing.
#include "io/disk_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "io/folder_stream.h"
#include "io/store_path.h"

namespace ashore::io {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::string_view kAsidePrefix = ".tmp-";
// Above this many files one syncfs is cheaper than an fsync a file.
constexpr std::size_t kFsyncFilesMax = 8;
// How often folders are made again that another thread removed because they were still empty.
constexpr int kMakeFoldersMax = 1'000;

ErrorKind kind_of(int code) {
  switch (code) {
    case ENOENT:
      return ErrorKind::kNotFound;
    case EEXIST:
      return ErrorKind::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return ErrorKind::kPermanent;
    default:
      return ErrorKind::kTransient;
  }
}

std::string remedy_of(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "Free some space there and run again; nothing is lost.";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Give this user the right to write there, or choose another --data-dir.";
    case ENOTDIR:
    case EISDIR:
      return "Something else is in the way: move it, or choose another --data-dir.";
    case EMFILE:
    case ENFILE:
      return "Raise the limit of open files (ulimit -n) and run again.";
    default:
      return "";
  }
}

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

bool write_plainly(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

base::Timestamp timestamp_of(const timespec& time) {
  return base::timestamp_of_micros(std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000);
}

ObjectInfo info_of(std::string path, const struct stat& entry) {
  return {.path = std::move(path), .bytes = entry.st_size, .modified = timestamp_of(entry.st_mtim)};
}

class DiskReader final : public ObjectReader {
 public:
  DiskReader(FileDescriptor file, std::int64_t bytes, std::string name, FaultPoints* faults)
      : file_(std::move(file)), bytes_(bytes), name_(std::move(name)), faults_(faults) {}

  [[nodiscard]] std::int64_t bytes() const override { return bytes_; }
  Status read_at(std::int64_t offset, std::span<char> target) override {
    if (const int code = faults_ == nullptr ? 0 : faults_->reach("read", name_)) {
      return base::transient("cannot read file: " + name_ + ": " + std::strerror(code));
    }
    while (!target.empty()) {
      const auto count = ::pread(file_.number(), target.data(), target.size(), offset);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        return base::transient("cannot read file: " + name_ + ": " +
                               (count == 0 ? "it is shorter than it was" : std::strerror(errno)));
      }
      target = target.subspan(static_cast<std::size_t>(count));
      offset += count;
    }
    return {};
  }

 private:
  FileDescriptor file_;
  std::int64_t bytes_;
  std::string name_;
  FaultPoints* faults_;
};

class DiskLock final : public StoreLock {
 public:
  explicit DiskLock(FileDescriptor file) : file_(std::move(file)) {}
  // Others then see a free lock's file as empty.
  ~DiskLock() override { (void)!::ftruncate(file_.number(), 0); }

 private:
  FileDescriptor file_;
};

std::string first_line(int file) {
  char buffer[512];
  const auto count = ::pread(file, buffer, sizeof buffer, 0);
  if (count <= 0) return "another process";
  const std::string text(buffer, static_cast<std::size_t>(count));
  return text.substr(0, text.find('\n'));
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) ::close(number_);
}

int FileDescriptor::release() { return std::exchange(number_, -1); }

DiskStore::DiskStore(std::string root, FileDescriptor folder, FaultPoints* faults)
    : root_(std::move(root)), folder_(std::move(folder)), faults_(faults) {}

Result<std::unique_ptr<DiskStore>> DiskStore::open(const std::string& root, FaultPoints* faults) {
  std::error_code code;
  std::filesystem::create_directories(root, code);
  FileDescriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) {
    const int number = code ? code.value() : errno;
    return base::permanent("cannot use data folder: " + root + ": " + std::strerror(number))
        .with_remedy(remedy_of(number));
  }
  return std::unique_ptr<DiskStore>(new DiskStore(root, std::move(folder), faults));
}

std::string DiskStore::location_of(std::string_view path) const {
  return root_ + "/" + std::string(path);
}

bool DiskStore::may(std::string_view call, std::string_view path) const {
  const int code = faults_ == nullptr ? 0 : faults_->reach(call, path);
  if (code != 0) errno = code;
  return code == 0;
}

// Where faults are wanted a write is two, so that a process may die between them.
bool DiskStore::write_all(int file, std::string_view bytes, std::string_view path) const {
  if (faults_ == nullptr) return write_plainly(file, bytes);
  return may("write", path) && write_plainly(file, bytes.substr(0, bytes.size() / 2)) &&
         may("write rest", path) && write_plainly(file, bytes.substr(bytes.size() / 2));
}

bool DiskStore::unlink(const std::string& path) const {
  return may("unlink", path) && ::unlinkat(folder_.number(), path.c_str(), 0) == 0;
}

// Closed, with errno set, where it cannot be opened.
FileDescriptor DiskStore::open_file(std::string_view path, int flags) const {
  if (!may((flags & O_CREAT) != 0 ? "create" : "open", path)) return FileDescriptor();
  const std::string name(path.empty() ? "." : path);
  return FileDescriptor(::openat(folder_.number(), name.c_str(), flags | O_CLOEXEC, 0666));
}

Error DiskStore::failure(std::string_view step, std::string_view path) const {
  const int code = errno;
  return Error(kind_of(code), "cannot " + std::string(step) + ": " + location_of(path) + ": " +
                                  std::strerror(code))
      .with_remedy(remedy_of(code));
}

Status DiskStore::make_parents(std::string_view path) {
  for (auto slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder(path.substr(0, slash));
    if ((!may("mkdir", folder) || ::mkdirat(folder_.number(), folder.c_str(), 0777) != 0) &&
        errno != EEXIST && errno != ENOENT) {
      return failure("make folder", folder);
    }
  }
  return {};
}

Result<FileDescriptor> DiskStore::create(std::string_view path, int flags) {
  auto file = open_file(path, flags);
  // Another thread may remove an empty folder that was just made, but not forever.
  for (int attempt = 0; !file.is_open() && errno == ENOENT && attempt < kMakeFoldersMax;
       ++attempt) {
    TRY(make_parents(path));
    file = open_file(path, flags);
  }
  if (!file.is_open()) return failure("make file", path);
  return file;
}

Result<FileDescriptor> DiskStore::create_temporary(std::string_view path, std::string* temporary) {
  const auto folder = parent_of(path);
  const auto prefix = (folder.empty() ? "" : folder + "/") + std::string(kAsidePrefix) +
                      std::to_string(::getpid()) + "-";
  while (true) {
    // A process of our number may have died and left this name behind, perhaps as a second name of
    // a finished file: it is never written to.
    *temporary = prefix + std::to_string(temporary_count_++);
    auto file = create(*temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (file.ok() || file.error().kind() != ErrorKind::kAlreadyExists) return file;
  }
}

Result<std::string> DiskStore::write_temporary(std::string_view path, std::string_view bytes,
                                               bool is_durable) {
  std::string temporary;
  TRY(const auto file, create_temporary(path, &temporary));
  const bool written = write_all(file.number(), bytes, temporary) &&
                       (!is_durable || (may("fsync", temporary) && ::fsync(file.number()) == 0));
  if (!written) {
    auto error = failure("write file", path);
    (void)unlink(temporary);
    return error;
  }
  return temporary;
}

Result<std::string> DiskStore::read(std::string_view path) {
  check_store_path(path);
  const auto file = open_file(path, O_RDONLY);
  struct stat entry {};
  if (!file.is_open() || ::fstat(file.number(), &entry) != 0) return failure("read file", path);
  // One byte more than expected shows that the file grew meanwhile.
  std::string bytes(static_cast<std::size_t>(entry.st_size) + 1, '\0');
  std::size_t filled = 0;
  while (true) {
    const auto count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read file", path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled == bytes.size()) bytes.resize(bytes.size() + bytes.size() / 2 + 4096);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::unique_ptr<ObjectReader>> DiskStore::open(std::string_view path) {
  check_store_path(path);
  auto file = open_file(path, O_RDONLY);
  struct stat entry {};
  if (!file.is_open() || ::fstat(file.number(), &entry) != 0) return failure("open file", path);
  if (S_ISDIR(entry.st_mode)) {
    errno = EISDIR;
    return failure("open file", path);
  }
  return std::make_unique<DiskReader>(std::move(file), entry.st_size, location_of(path), faults_);
}

Result<std::unique_ptr<MappedBytes>> DiskStore::map(std::string_view path) {
  check_store_path(path);
  const auto file = open_file(path, O_RDONLY);
  struct stat entry {};
  if (!file.is_open() || ::fstat(file.number(), &entry) != 0) return failure("open file", path);
  return map_file(file.number(), static_cast<std::size_t>(entry.st_size), location_of(path));
}

Result<std::optional<ObjectInfo>> DiskStore::stat(std::string_view path) {
  check_store_path(path);
  struct stat entry {};
  if (!may("stat", path) ||
      ::fstatat(folder_.number(), std::string(path).c_str(), &entry, 0) != 0) {
    if (errno == ENOENT) return std::optional<ObjectInfo>();
    return failure("look at file", path);
  }
  if (S_ISDIR(entry.st_mode)) return std::optional<ObjectInfo>();
  return std::optional(info_of(std::string(path), entry));
}

Status DiskStore::list_into(FileDescriptor folder, const std::string& prefix,
                            std::vector<ObjectInfo>* infos) {
  FolderStream stream(std::move(folder));
  if (stream.number() < 0) return failure("list folder", prefix);
  for (const auto& [name, is_folder] : stream.entries(kAsidePrefix)) {
    struct stat entry {};
    // Partition folders are many: what is known to be a folder is not looked at.
    if (!is_folder) {
      if (::fstatat(stream.number(), name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;
        return failure("look at file", prefix + name);
      }
      if (!S_ISDIR(entry.st_mode)) {
        infos->push_back(info_of(prefix + name, entry));
        continue;
      }
    }
    FileDescriptor child(
        ::openat(stream.number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!child.is_open() && errno == ENOENT) continue;
    if (!child.is_open()) return failure("list folder", prefix + name);
    TRY(list_into(std::move(child), prefix + name + "/", infos));
  }
  return {};
}

Result<std::vector<ObjectInfo>> DiskStore::list(std::string_view folder) {
  if (!folder.empty()) check_store_path(folder);
  std::vector<ObjectInfo> infos;
  auto opened = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open() && errno == ENOENT) return infos;
  if (!opened.is_open()) return failure("list folder", folder);
  TRY(list_into(std::move(opened), folder.empty() ? "" : std::string(folder) + "/", &infos));
  std::ranges::sort(infos, {}, &ObjectInfo::path);
  return infos;
}

Result<std::vector<std::string>> DiskStore::list_names(std::string_view folder) {
  if (!folder.empty()) check_store_path(folder);
  auto opened = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open() && errno == ENOENT) return std::vector<std::string>();
  if (!opened.is_open()) return failure("list folder", folder);
  std::vector<std::string> names;
  for (auto& entry : FolderStream(std::move(opened)).entries(kAsidePrefix)) {
    names.push_back(std::move(entry.name));
  }
  return names;
}

Result<std::vector<ObjectInfo>> DiskStore::list_temporaries() {
  std::vector<ObjectInfo> infos;
  std::error_code code;
  std::filesystem::recursive_directory_iterator entries(root_, code);
  for (; !code && entries != std::filesystem::recursive_directory_iterator();
       entries.increment(code)) {
    if (!entries->path().filename().string().starts_with(kAsidePrefix)) continue;
    auto path = entries->path().lexically_relative(root_).string();
    struct stat entry {};
    if (::fstatat(folder_.number(), path.c_str(), &entry, AT_SYMLINK_NOFOLLOW) != 0) continue;
    infos.push_back(info_of(std::move(path), entry));
  }
  if (code) {
    errno = code.value();
    return failure("list folder", "");
  }
  std::ranges::sort(infos, {}, &ObjectInfo::path);
  return infos;
}

Status DiskStore::move_from_temporary(const std::string& temporary, std::string_view path) {
  if (may("rename", path) && ::renameat(folder_.number(), temporary.c_str(), folder_.number(),
                                        std::string(path).c_str()) == 0) {
    return {};
  }
  auto error = failure("write file", path);
  (void)unlink(temporary);
  return error;
}

Status DiskStore::write(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  TRY(const auto temporary, write_temporary(path, bytes, false));
  return move_from_temporary(temporary, path);
}

Status DiskStore::write_durable(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  TRY(const auto temporary, write_temporary(path, bytes, true));
  TRY(move_from_temporary(temporary, path));
  std::set<std::string> folders;
  return sync_folders_of(path, &folders);
}

Status DiskStore::write_new(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  const auto file = create(path, O_WRONLY | O_CREAT | O_EXCL);
  // What is there may be a hard link of another object: it is replaced, never written to.
  if (!file.ok() && file.error().kind() == ErrorKind::kAlreadyExists) return write(path, bytes);
  if (!file.ok()) return file.error();
  if (write_all(file.value().number(), bytes, path)) return {};
  auto error = failure("write file", path);
  (void)unlink(std::string(path));
  return error;
}

Status DiskStore::put_if_absent(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  TRY(const auto temporary, write_temporary(path, bytes, true));
  Status status;
  if (!may("link", path) || ::linkat(folder_.number(), temporary.c_str(), folder_.number(),
                                     std::string(path).c_str(), 0) != 0) {
    status = failure("make file", path);
  }
  (void)unlink(temporary);
  TRY(status);
  std::set<std::string> folders;
  return sync_folders_of(path, &folders);
}

Status DiskStore::append(std::string_view path, std::string_view bytes) {
  check_store_path(path);
  TRY(const auto file, create(path, O_WRONLY | O_CREAT | O_APPEND));
  if (!write_all(file.number(), bytes, path)) return failure("write file", path);
  return {};
}

Status DiskStore::rename_path(std::string_view source, std::string_view target, unsigned flags) {
  const std::string from(source);
  const std::string to(target);
  const auto attempt = [&] {
    return may("rename", target) &&
           ::renameat2(folder_.number(), from.c_str(), folder_.number(), to.c_str(), flags) == 0;
  };
  if (attempt()) return {};
  if (errno == ENOENT) {
    TRY(make_parents(target));
    if (attempt()) return {};
  }
  auto error = failure("rename to " + location_of(target), source);
  remove_empty_parents(target);
  return error;
}

Status DiskStore::rename(std::string_view source, std::string_view target) {
  check_store_path(source);
  check_store_path(target);
  TRY(rename_path(source, target, 0));
  // The kernel leaves both names where they were hard links of one file.
  if (source != target) (void)unlink(std::string(source));
  return {};
}

Status DiskStore::rename_folder(std::string_view source, std::string_view target) {
  check_store_path(source);
  check_store_path(target);
  return rename_path(source, target, RENAME_NOREPLACE);
}

Status DiskStore::link(std::string_view source, std::string_view target) {
  check_store_path(source);
  check_store_path(target);
  const std::string from(source);
  const std::string to(target);
  const auto attempt = [&] {
    return may("link", target) &&
           ::linkat(folder_.number(), from.c_str(), folder_.number(), to.c_str(), 0) == 0;
  };
  if (attempt()) return {};
  if (errno == ENOENT) {
    TRY(make_parents(target));
    if (attempt()) return {};
  }
  if (errno == EPERM || errno == EMLINK || errno == EXDEV) {
    // A file system without hard links, or with no more of them for this file.
    TRY(const auto bytes, read(source));
    return put_if_absent(target, bytes);
  }
  auto error = failure("link to " + location_of(target), source);
  remove_empty_parents(target);
  return error;
}

void DiskStore::remove_empty_parents(std::string_view path) {
  for (auto folder = parent_of(path); !folder.empty(); folder = parent_of(folder)) {
    if (!may("rmdir", folder)) return;
    if (::unlinkat(folder_.number(), folder.c_str(), AT_REMOVEDIR) != 0) return;
  }
}

Status DiskStore::remove(std::string_view path) {
  check_store_path(path);
  if (!unlink(std::string(path))) {
    if (errno == ENOENT) return {};
    return failure("remove file", path);
  }
  remove_empty_parents(path);
  return {};
}

// Entry by entry, the deepest first, so that each removal is a call of its own.
Status DiskStore::remove_folder(std::string_view folder) {
  check_store_path(folder);
  namespace fs = std::filesystem;
  std::error_code code;
  std::vector<std::pair<std::string, int>> entries;  // below the root; flags of unlinkat
  const auto skip = root_.size() + 1;
  for (fs::recursive_directory_iterator entry(location_of(folder), code), end; entry != end;
       entry.increment(code)) {
    const bool is_folder = entry->symlink_status(code).type() == fs::file_type::directory;
    entries.emplace_back(entry->path().string().substr(skip), is_folder ? AT_REMOVEDIR : 0);
  }
  entries.emplace(entries.begin(), folder, AT_REMOVEDIR);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto& [path, flags] = *entry;
    const bool is_removed = may(flags == 0 ? "unlink" : "rmdir", path) &&
                            ::unlinkat(folder_.number(), path.c_str(), flags) == 0;
    if (!is_removed && errno != ENOENT) return failure("remove folder", folder);
  }
  remove_empty_parents(folder);
  return {};
}

Status DiskStore::sync_folders_of(std::string_view path, std::set<std::string>* done) {
  // A folder may be new itself, so that its own name must be made durable too, up to the root.
  for (auto folder = parent_of(path); done->insert(folder).second; folder = parent_of(folder)) {
    const auto opened = open_file(folder, O_RDONLY | O_DIRECTORY);
    if (opened.is_open() && (!may("fsync", folder) || ::fsync(opened.number()) != 0)) {
      return failure("sync folder", folder);
    }
    if (!opened.is_open() && errno != ENOENT) return failure("sync folder", folder);
  }
  return {};
}

Status DiskStore::sync(std::span<const std::string> paths) {
  if (paths.size() > kFsyncFilesMax) {
    if (!may("syncfs", "") || ::syncfs(folder_.number()) != 0) return failure("sync", "");
    return {};
  }
  std::set<std::string> folders;
  for (const auto& path : paths) {
    check_store_path(path);
    const auto file = open_file(path, O_RDONLY);
    if (file.is_open() && (!may("fsync", path) || ::fsync(file.number()) != 0)) {
      return failure("sync file", path);
    }
    if (!file.is_open() && errno != ENOENT) return failure("sync file", path);
    TRY(sync_folders_of(path, &folders));
  }
  return {};
}

Result<std::unique_ptr<StoreLock>> DiskStore::lock(std::string_view path, std::string_view holder) {
  check_store_path(path);
  TRY(auto file, create(path, O_RDWR | O_CREAT));
  if (!may("lock", path) || ::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure("lock file", path);
    return base::transient("data folder " + root_ + " is in use by " + first_line(file.number()));
  }
  if (::ftruncate(file.number(), 0) != 0 ||
      !write_all(file.number(), std::string(holder) + "\n", path)) {
    return failure("write lock file", path);
  }
  return std::make_unique<DiskLock>(std::move(file));
}

}  // namespace ashore::io
