// Open addressing with linear probing (Knuth 3, 6.4, algorithm L), at most half full. Rows are put
// in without a look at their keys, since all differ.
#include "merge/key_rows.h"

#include <arrow/api.h>

#include <functional>
#include <limits>

namespace ashore::merge {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();

}  // namespace

KeyRows::KeyRows(const arrow::Table& rows, const std::vector<std::string>& key)
    : reader_(rows, key), slots_(static_cast<std::size_t>(rows.num_rows()) * 2, kFree) {
  columnar::visit_keys(rows, key, [this](std::int64_t row, std::string_view bytes) {
    auto slot = home_of(bytes);
    while (slots_[slot] != kFree) slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    slots_[slot] = static_cast<std::uint32_t>(row);
  });
}

// Multiplies instead of dividing: the hash's share of 2^64, of the slots.
std::size_t KeyRows::home_of(std::string_view key) const {
  const Wide hash = std::hash<std::string_view>()(key);
  return static_cast<std::size_t>(hash * slots_.size() >> 64);
}

std::int64_t KeyRows::find(std::string_view key) const {
  if (slots_.empty()) return -1;
  std::string found;
  for (auto slot = home_of(key); slots_[slot] != kFree;) {
    reader_.read(slots_[slot], &found);
    if (found == key) return slots_[slot];
    slot = slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  return -1;
}

}  // namespace ashore::merge
