// Freed memory goes back to the system.
#include "cli/freed_memory.h"

#include <arrow/memory_pool.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace ashore::cli {
namespace {

// Before anything of Arrow is used by any test of this program.
const bool kIsSaid = [] {
  ::unsetenv("ARROW_DEFAULT_MEMORY_POOL");
  give_back_freed_memory();
  return true;
}();

std::int64_t anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stoll(line.substr(8)) * 1024;
  }
  return -1;
}

TEST(FreedMemoryTest, ArrowTakesItsMemoryFromTheSystem) {
  ASSERT_TRUE(kIsSaid);
  EXPECT_EQ(arrow::default_memory_pool()->backend_name(), "system");
}

TEST(FreedMemoryTest, LargeBuffersGoBackWhateverLiesBehindThem) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer's allocator keeps what is freed";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the sanitizer's allocator keeps what is freed";
#endif
#endif
  constexpr std::size_t kBytes = std::size_t{20} << 20;
  const auto before = anonymous_bytes();
  std::vector<std::unique_ptr<std::string>> small;  // would hold a heap's end
  // The C library by itself keeps what is freed after the first such buffer.
  for (int time = 0; time < 2; ++time) {
    std::vector<std::unique_ptr<std::string>> large;
    for (int buffer = 0; buffer < 5; ++buffer) {
      large.push_back(std::make_unique<std::string>(kBytes, 'x'));
      small.push_back(std::make_unique<std::string>(1'000, 'x'));
    }
    EXPECT_GT(anonymous_bytes(), before + 80'000'000);
  }
  EXPECT_LT(anonymous_bytes(), before + 10'000'000);
}

}  // namespace
}  // namespace ashore::cli
