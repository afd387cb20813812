// MappedBytes are the bytes of an object or file, read as if they lay in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace ashore::io {

// Immutable; they stay what they were if the object is removed or replaced meanwhile. Threads: any.
class MappedBytes {
 public:
  virtual ~MappedBytes() = default;
  [[nodiscard]] virtual std::string_view bytes() const = 0;
};

// Bytes that do lie in memory.
class OwnedBytes final : public MappedBytes {
 public:
  explicit OwnedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::string_view bytes() const override { return bytes_; }

 private:
  std::string bytes_;
};

// Maps an open file of that many bytes for reading; the descriptor may be closed afterwards. What
// is read is the file's memory, not the process's: the system may drop it and read it again. A disk
// that breaks while it is read ends the process by SIGBUS. kTransient: the system refuses;
// `name` is the file's in the message.
base::Result<std::unique_ptr<MappedBytes>> map_file(int descriptor, std::size_t bytes,
                                                    const std::string& name);

}  // namespace ashore::io
