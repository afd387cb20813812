// PageOrigins keeps where pages came from until their manifest is written.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "io/spill_buffer.h"

namespace ashore::extract {

// Texts as state::origin_text() gives them, some hundred bytes a page: in memory while they are
// few, then on disk. Threads: one at a time. The store outlives this.
class PageOrigins {
 public:
  // Where the text of one page lies.
  struct Place {
    std::size_t begin = 0;
    std::size_t bytes = 0;
  };

  explicit PageOrigins(io::ObjectStore& store) : texts_(store, kBytesInMemory) {}

  // Errors: those of ObjectStore::spill().
  base::Result<Place> add(std::string_view text) {
    TRY(texts_.append(text));
    const Place place{bytes_, text.size()};
    bytes_ += text.size();
    return place;
  }
  // All texts, for text_at(); valid until the next add(), while this lives where it is. Errors as
  // add().
  base::Result<std::string_view> texts() { return texts_.finish(); }

 private:
  static constexpr std::size_t kBytesInMemory = std::size_t{1} << 20;

  io::SpillBuffer texts_;
  std::size_t bytes_ = 0;
};

// Pure. The text of one page out of PageOrigins::texts().
inline std::string_view text_at(std::string_view texts, const PageOrigins::Place& place) {
  return texts.substr(place.begin, place.bytes);
}

}  // namespace ashore::extract
