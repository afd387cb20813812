// What is added is put, many at once and each path in order, and no failure is lost.
#include "io/upload_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <map>
#include <mutex>

namespace ashore::io {
namespace {

using base::Status;

class Kept {
 public:
  Status put(const std::string& path, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    objects[path] = bytes;
    ++puts;
    return path.starts_with("bad") ? Status(base::transient("no " + path)) : Status();
  }
  std::map<std::string, std::string> objects;
  int puts = 0;

 private:
  std::mutex mutex_;
};

UploadQueue::Put into(Kept& kept) {
  return [&](const std::string& path, const std::string& bytes) { return kept.put(path, bytes); };
}

TEST(UploadQueueTest, AllThatIsAddedIsPutAndTheLastOfAPathStays) {
  Kept kept;
  UploadQueue queue(into(kept), {.in_flight_max = 8, .waiting_bytes_max = 1000});
  for (int round = 0; round < 5; ++round) {
    for (int index = 0; index < 100; ++index) {
      ASSERT_TRUE(queue.add("file " + std::to_string(index), std::to_string(round)).ok());
    }
  }
  ASSERT_TRUE(queue.finish().ok());
  EXPECT_EQ(kept.puts, 500);
  EXPECT_EQ(kept.objects.size(), 100U);
  for (const auto& [path, bytes] : kept.objects) EXPECT_EQ(bytes, "4") << path;
}

// Each waits for all others, which can only end where they are put at once.
TEST(UploadQueueTest, ManyAreOnTheirWayAtOnce) {
  constexpr int kCount = 16;
  std::latch all(kCount);
  UploadQueue queue(
      [&](const std::string&, const std::string&) {
        all.arrive_and_wait();
        return Status();
      },
      {.in_flight_max = kCount, .waiting_bytes_max = 1000});
  for (int index = 0; index < kCount; ++index) {
    ASSERT_TRUE(queue.add(std::to_string(index), "x").ok());
  }
  EXPECT_TRUE(queue.finish().ok());
}

TEST(UploadQueueTest, BytesOnTheirWayAreBounded) {
  std::atomic<std::int64_t> bytes = 0;
  std::atomic<std::int64_t> most = 0;
  UploadQueue queue(
      [&](const std::string&, const std::string& text) {
        const auto now = bytes += static_cast<std::int64_t>(text.size());
        for (auto seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        bytes -= static_cast<std::int64_t>(text.size());
        return Status();
      },
      {.in_flight_max = 8, .waiting_bytes_max = 1000});
  for (int index = 0; index < 200; ++index) {
    ASSERT_TRUE(queue.add(std::to_string(index), std::string(300, 'x')).ok());
  }
  ASSERT_TRUE(queue.add("large", std::string(5000, 'x')).ok());  // alone
  EXPECT_TRUE(queue.finish().ok());
  EXPECT_EQ(most, 5000);
}

TEST(UploadQueueTest, AFailureIsToldByTheNextAddAndByFinish) {
  Kept kept;
  UploadQueue queue(into(kept));
  ASSERT_TRUE(queue.add("bad", "x").ok());
  queue.wait_for("bad");
  const auto next = queue.add("good", "x");
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().what(), "no bad");
  EXPECT_EQ(queue.finish().error().what(), "no bad");
  EXPECT_TRUE(queue.finish().ok());
  EXPECT_TRUE(queue.add("good", "y").ok());
  EXPECT_TRUE(queue.finish().ok());
  EXPECT_EQ(kept.objects.at("good"), "y");
}

TEST(UploadQueueTest, ItsEndWaits) {
  Kept kept;
  {
    UploadQueue queue(into(kept), {.in_flight_max = 2, .waiting_bytes_max = 100'000});
    for (int index = 0; index < 4; ++index) (void)queue.add(std::to_string(index), "x").ok();
  }
  EXPECT_EQ(kept.objects.size(), 4U);
}

}  // namespace
}  // namespace ashore::io
