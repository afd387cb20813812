// FaultPoints numbers every outside call, so that a test can cut a process at each in turn.
#pragma once

#include <string_view>

namespace ashore::io {

// Handed down where outside calls are made: DiskStore, FaultyTransport, database sessions; nullptr
// is the usual case. Threads: reach() may be called from any thread at once.
class FaultPoints {
 public:
  virtual ~FaultPoints() = default;
  // Told before the outside call `call` on `subject` is made (after it, where the name says so:
  // "http answer", "commit answer", "write rest"). Returns 0 to go on, or the errno with which the
  // caller fails as if the call had. May not return: the process dies here.
  virtual int reach(std::string_view call, std::string_view subject) = 0;
};

}  // namespace ashore::io
