// The machine's own clock.
#pragma once

#include "io/clock.h"

namespace ashore::io {

class SystemClock final : public Clock {
 public:
  base::Timestamp now() override;
  std::chrono::steady_clock::time_point steady_now() override;
  bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override;
};

}  // namespace ashore::io
