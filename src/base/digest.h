// SHA-256 of bytes, whole or in pieces, with the CPU's instructions where it has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ashore::base {

// The 32 bytes of a SHA-256.
using Sha256 = std::array<std::uint8_t, 32>;

// Pure. The digest of all of `bytes`.
Sha256 sha256(std::string_view bytes);
// Pure. 64 lower-case hex digits.
std::string to_hex(const Sha256& digest);
// Pure. Lower-case hex of any bytes, two digits each.
std::string to_hex(std::span<const std::uint8_t> bytes);

// Digests a stream piece by piece. Threads: one thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void update(std::string_view bytes);
  // Ends the stream; the object may not be used afterwards.
  [[nodiscard]] Sha256 finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ashore::base
