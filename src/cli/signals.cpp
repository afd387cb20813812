// sigtimedwait in a thread: nothing of ours runs inside a signal handler.
#include "cli/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

namespace ashore::cli {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

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
