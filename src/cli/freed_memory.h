// What becomes of memory that is no longer needed.
#pragma once

namespace ashore::cli {

// From now on memory that Arrow or this process frees goes back to the system, so that what a
// process takes is what it holds: Arrow's buffers come from the C library, and those of two
// megabytes and more are mapped each for itself. The allocators that Arrow brings keep what was
// freed, as the C library does with large buffers once it has seen one. Said once, before any
// thread is started and anything of Arrow is used. Where MALLOC_MMAP_THRESHOLD_ or
// ARROW_DEFAULT_MEMORY_POOL is set in the environment that holds.
void give_back_freed_memory();

}  // namespace ashore::cli
