// What libFuzzer calls: the one target that the build names.
#include <cstddef>
#include <cstdint>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ashore::fuzz::ASHORE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
