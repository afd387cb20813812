// The lock is taken once, waited for as long as was said, and given up on request.
#include "state/lock.h"

#include <gtest/gtest.h>

#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"

namespace ashore::state {
namespace {

using std::chrono::milliseconds;

class LockTest : public testing::Test {
 protected:
  base::Result<std::unique_ptr<io::StoreLock>> take(milliseconds wait) {
    return take_lock(env_, "ashore run, run r1, process 7", wait, stop_.get_token());
  }

  io::MemoryStore store_;
  io::FakeClock clock_;
  io::SeededRandom random_;
  io::ScriptedTransport http_{std::deque<base::Result<io::HttpResponse>>{}};
  io::Env env_{.http = http_, .store = store_, .clock = clock_, .random = random_};
  std::stop_source stop_;
};

TEST_F(LockTest, TheSecondIsToldWhoHoldsItAndSinceWhen) {
  const auto first = take(milliseconds(0));
  ASSERT_TRUE(first.ok());
  clock_.advance(std::chrono::seconds(5));
  const auto second = take(milliseconds(0));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kTransient);
  const auto message = second.error().message();
  EXPECT_NE(message.find("run r1, process 7, since 2022-11-01T00:00:00Z"), std::string::npos)
      << message;
  EXPECT_NE(message.find("--wait"), std::string::npos);
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(LockTest, ALockThatIsGivenBackCanBeTaken) {
  ASSERT_TRUE(take(milliseconds(0)).ok());
  EXPECT_TRUE(take(milliseconds(0)).ok());
}

TEST_F(LockTest, WaitingEndsAfterTheTimeThatWasSaid) {
  const auto first = take(milliseconds(0));
  EXPECT_FALSE(take(milliseconds(250)).ok());
  EXPECT_EQ(clock_.slept(),
            (std::vector<milliseconds>{milliseconds(100), milliseconds(100), milliseconds(50)}));
}

TEST_F(LockTest, AStopEndsTheWaiting) {
  const auto first = take(milliseconds(0));
  stop_.request_stop();
  const auto second = take(milliseconds(1000));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kInterrupted);
}

}  // namespace
}  // namespace ashore::state
