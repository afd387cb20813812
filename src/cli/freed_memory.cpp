// Sets the allocators: Arrow reads the variable when its pool is first asked for
// (arrow/memory_pool.cc), glibc takes M_MMAP_THRESHOLD (mallopt(3)), which ends its own adjusting.
#include "cli/freed_memory.h"

#include <malloc.h>

#include <cstdlib>

namespace ashore::cli {

void give_back_freed_memory() {
  constexpr int kMappedBytes = 2 << 20;
  (void)::setenv("ARROW_DEFAULT_MEMORY_POOL", "system", 0);
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") == nullptr) {
    (void)::mallopt(M_MMAP_THRESHOLD, kMappedBytes);
  }
}

}  // namespace ashore::cli
