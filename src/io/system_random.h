// Chance from the machine.
#pragma once

#include <mutex>
#include <random>

#include "io/random.h"

namespace ashore::io {

class SystemRandom final : public Random {
 public:
  std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return (std::uint64_t{device_()} << 32) | device_();
  }

 private:
  std::mutex mutex_;
  std::random_device device_;  // guarded by mutex_
};

}  // namespace ashore::io
