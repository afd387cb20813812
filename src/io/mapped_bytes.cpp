// Maps files of a disk.
#include "io/mapped_bytes.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace ashore::io {

namespace {

class FileBytes final : public MappedBytes {
 public:
  FileBytes(void* mapped, std::size_t bytes) : mapped_(mapped), bytes_(bytes) {}
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() override { ::munmap(mapped_, bytes_); }
  [[nodiscard]] std::string_view bytes() const override {
    return {static_cast<const char*>(mapped_), bytes_};
  }

 private:
  void* mapped_;
  std::size_t bytes_;
};

}  // namespace

base::Result<std::unique_ptr<MappedBytes>> map_file(int descriptor, std::size_t bytes,
                                                    const std::string& name) {
  // The system maps no empty range.
  if (bytes == 0) return std::make_unique<OwnedBytes>(std::string());
  auto* const mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED) {
    return base::transient("cannot map file: " + name + ": " + std::strerror(errno));
  }
  return std::make_unique<FileBytes>(mapped, bytes);
}

}  // namespace ashore::io
