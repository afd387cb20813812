// Spills to files that are removed as they are made, so that a killed process leaves none.
#include "io/spill_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "io/disk_store.h"
#include "io/mapped_bytes.h"

namespace ashore::io {

namespace {

using base::Result;
using base::Status;

// Rows come in pieces of some bytes: so many are written at once.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

class MemoryFile final : public SpillFile {
 public:
  Status append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  Result<std::string_view> map() override { return std::string_view(bytes_); }

 private:
  std::string bytes_;
};

base::Error failure(const std::string& step, const std::string& folder, int code) {
  auto error = base::transient("cannot " + step + " in " + folder + ": " + std::strerror(code));
  const bool is_full = code == ENOSPC || code == EDQUOT;
  return is_full ? std::move(error).with_remedy(
                       "Free some space there and run again: rows that do not fit in memory are "
                       "kept there while they are sorted.")
                 : error;
}

class DiskFile final : public SpillFile {
 public:
  DiskFile(FileDescriptor file, std::string folder, FaultPoints* faults)
      : file_(std::move(file)), folder_(std::move(folder)), faults_(faults) {}

  Status append(std::string_view bytes) override {
    assert(mapped_ == nullptr);
    if (piece_.size() + bytes.size() < kPieceBytes) {
      piece_ += bytes;
      return {};
    }
    // Arrow gives a batch's buffers one by one: large ones go out as they are, without a copy.
    TRY(write(piece_));
    piece_.clear();
    return write(bytes);
  }

  Result<std::string_view> map() override {
    assert(mapped_ == nullptr);
    TRY(write(piece_));
    std::string().swap(piece_);  // gives its memory back
    TRY(mapped_, map_file(file_.number(), bytes_, "rows in " + folder_));
    return mapped_->bytes();
  }

 private:
  Status write(std::string_view bytes) {
    if (bytes.empty()) return {};
    if (const int code = faults_ == nullptr ? 0 : faults_->reach("write", ".spill")) {
      return failure("write rows", folder_, code);
    }
    while (!bytes.empty()) {
      const auto written = ::write(file_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failure("write rows", folder_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      bytes_ += static_cast<std::size_t>(written);
    }
    return {};
  }

  FileDescriptor file_;
  std::string folder_;
  FaultPoints* faults_;
  std::string piece_;                    // not written yet
  std::size_t bytes_ = 0;                // written
  std::unique_ptr<MappedBytes> mapped_;  // all of them
};

// Not every file system can make a file without a name.
FileDescriptor open_named(const std::string& folder) {
  auto name = folder + "/.tmp-spill-XXXXXX";
  FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.is_open()) ::unlink(name.c_str());
  return file;
}

}  // namespace

std::unique_ptr<SpillFile> spill_to_memory() { return std::make_unique<MemoryFile>(); }

Result<std::unique_ptr<SpillFile>> spill_to_disk(const std::string& folder, FaultPoints* faults) {
  if (const int code = faults == nullptr ? 0 : faults->reach("create", ".spill")) {
    return failure("make a file for rows", folder, code);
  }
  FileDescriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  // EISDIR, ENOENT: kernels and file systems that do not know the flag take the path for a name.
  if (!file.is_open() && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
    file = open_named(folder);
  }
  if (!file.is_open()) return failure("make a file for rows", folder, errno);
  return std::make_unique<DiskFile>(std::move(file), folder, faults);
}

}  // namespace ashore::io
