// Turns Ctrl-C and SIGTERM into a stop request; a second one ends the process at once.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace ashore::cli {

// An abort, as of an assertion that does not hold, asks for a report and exits with 70 (README.md)
// in place of 134. Call it first of all.
void explain_aborts();

// Make one before any other thread: it blocks the signals in this thread and so in all that are
// started later, and waits for them in a thread of its own.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  // The signal that asked to stop, or 0.
  [[nodiscard]] int received() const { return received_; }

 private:
  void wait(const std::stop_token& is_over);

  std::stop_source source_;
  std::atomic<int> received_{0};
  std::jthread waiter_;
};

}  // namespace ashore::cli
