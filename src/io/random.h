// Random gives jitter and run ids; tests hand down a seeded one.
#pragma once

#include <cstdint>

namespace ashore::io {

// Threads: next() may be called from any thread at once.
class Random {
 public:
  virtual ~Random() = default;
  // 64 uniformly distributed bits; not for cryptography.
  virtual std::uint64_t next() = 0;
};

}  // namespace ashore::io
