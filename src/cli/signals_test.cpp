// A request to stop is a token, and an abort is a bug with a report and exit code 70.
#include "cli/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>

namespace ashore::cli {
namespace {

TEST(SignalsTest, AnAbortAsksForAReportAndExitsWith70) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        explain_aborts();
        std::abort();
      },
      testing::ExitedWithCode(70), "a bug in ashore. Please report it");
}

TEST(SignalsTest, ASignalIsARequestToStop) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Signals signals;
    EXPECT_FALSE(signals.token().stop_requested());
    EXPECT_EQ(signals.received(), 0);
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    // Wakes by the token itself.
    stopped.wait(lock, signals.token(), [] { return false; });
    EXPECT_EQ(signals.received(), signal);
  }
}

}  // namespace
}  // namespace ashore::cli
