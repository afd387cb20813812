// Reads lengths and the bytes behind them.
#include "embed/page_frames.h"

#include <cstdint>
#include <string>

namespace ashore::embed {

base::Result<std::vector<std::string_view>> read_frames(std::string_view bytes) {
  constexpr std::size_t kLengthBytes = 8;
  std::vector<std::string_view> frames;
  while (!bytes.empty()) {
    std::uint64_t length = 0;
    const bool has_length = bytes.size() >= kLengthBytes;
    for (std::size_t index = 0; has_length && index < kLengthBytes; ++index) {
      const auto byte = static_cast<unsigned char>(bytes[index]);
      length |= static_cast<std::uint64_t>(byte) << (8 * index);
    }
    if (!has_length || length > bytes.size() - kLengthBytes) {
      return base::permanent("standard input ends within text " + std::to_string(frames.size() + 1))
          .with_remedy("Each text is its length in eight bytes, then so many bytes");
    }
    frames.push_back(bytes.substr(kLengthBytes, static_cast<std::size_t>(length)));
    bytes.remove_prefix(kLengthBytes + frames.back().size());
  }
  return frames;
}

}  // namespace ashore::embed
