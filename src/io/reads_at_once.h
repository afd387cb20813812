// How many objects to read at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "io/object_store.h"

namespace ashore::io {

// Pure. For reading objects: as many as there are threads, but more small ones where each is a
// round trip to a server, whatever its size. Of larger ones the bytes take the time, and more at
// once would only take memory. `bytes_of` gives an object's size (a member or a function).
template <typename Objects, typename BytesOf>
int reads_at_once(const ObjectStore& store, const Objects& objects, BytesOf bytes_of, int threads) {
  constexpr int kRoundTrips = 32;
  constexpr std::int64_t kSmallBytes = std::int64_t{256} << 10;
  if (store.is_file_system()) return threads;
  std::int64_t bytes = 0;
  for (const auto& object : objects) bytes += std::invoke(bytes_of, object);
  const bool are_small = bytes <= kSmallBytes * static_cast<std::int64_t>(std::size(objects));
  return are_small ? std::max(threads, kRoundTrips) : threads;
}

}  // namespace ashore::io
