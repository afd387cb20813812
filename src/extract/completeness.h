// Completeness compares what the envelopes of one reading promise with what its pages hold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "extract/page.h"

namespace ashore::extract {

// Why a reading is not whole.
struct Incomplete {
  std::string why;
  // All promises are kept but ids repeat: two such readings with the same bytes mean that the
  // source itself repeats them.
  bool has_only_duplicates = false;
};

// Pure bookkeeping of one reading. Threads: one at a time.
class Completeness {
 public:
  // Notes page `number` (from 1; page 1 first, then any order). Says at once when its total or page
  // count is not that of page 1: the source changed under way.
  std::optional<Incomplete> add(std::int64_t number, const PageFacts& page);

  // After the last page: do the items add up to the total, are the ids distinct?
  [[nodiscard]] std::optional<Incomplete> finish();

  [[nodiscard]] std::int64_t items() const { return items_; }
  [[nodiscard]] std::optional<std::int64_t> total() const { return total_; }

 private:
  struct SeenId {
    IdDigest digest;
    std::uint32_t page;
    std::uint32_t position;  // among the ids of its page, from 1
    auto operator<=>(const SeenId&) const = default;
  };
  [[nodiscard]] Incomplete wrong_sum() const;

  std::optional<std::int64_t> total_;
  std::optional<std::int64_t> page_count_;
  std::int64_t items_ = 0;
  std::int64_t first_empty_page_ = 0;  // 0: none
  std::vector<SeenId> ids_;
};

}  // namespace ashore::extract
