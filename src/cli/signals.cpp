// Waits for signals in a thread of its own.
// Stops come by sigwait in a thread: nothing of ours runs inside a signal handler, but for the last
// words of a process that aborts.
#include "cli/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <string_view>

namespace ashore::cli {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Async-signal-safe. The assertion has said its own line before.
void end_aborted(int) {
  constexpr std::string_view kWords =
      "ashore: a bug in ashore. Please report it with the command and the line above.\n";
  (void)!::write(STDERR_FILENO, kWords.data(), kWords.size());
  _exit(70);
}

}  // namespace

void explain_aborts() { (void)std::signal(SIGABRT, end_aborted); }

Signals::Signals() {
  // Writing to a client or server that went away is an error to return, not a death.
  (void)std::signal(SIGPIPE, SIG_IGN);
  const auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::jthread([this](const std::stop_token& is_over) { wait(is_over); });
}

Signals::~Signals() {
  waiter_.request_stop();
  // Wakes the waiter, which then sees that it is over.
  pthread_kill(waiter_.native_handle(), SIGINT);
}

void Signals::wait(const std::stop_token& is_over) {
  const auto signals = stop_signals();
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (is_over.stop_requested()) return;
    if (received_ != 0) _exit(128 + signal);
    received_ = signal;
    source_.request_stop();
  }
}

}  // namespace ashore::cli
