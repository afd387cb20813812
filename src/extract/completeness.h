// Completeness compares what the envelopes of one reading promise with what its pages hold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "extract/page.h"
#include "io/record_sorter.h"

namespace ashore::extract {

// What a reading that is not whole may mean, when further ones are the same.
enum class Fault {
  kChanged,       // the source changed while it was read
  kRepeats,       // an id came twice: the same, or the source itself repeats items
  kDoesNotAddUp,  // nothing came twice and something is missing: the pipeline file is wrong
};

// Why a reading is not whole.
struct Incomplete {
  std::string why;
  Fault fault = Fault::kChanged;
};

// Pure bookkeeping of one reading. Threads: one at a time.
class Completeness {
 public:
  // With Repeats::kKeep items are counted, and ids may come twice.
  // Ids lie where `ids` says, 24 bytes each.
  explicit Completeness(config::Repeats repeats = config::Repeats::kFail,
                        const io::RecordStorage& ids = {})
      : repeats_(repeats), ids_(ids) {}

  // Notes page `number` (from 1; the first page of the reading first, then any order). Says at once
  // when its total or page count is not that of the first: the source changed under way.
  std::optional<Incomplete> add(std::int64_t number, const PageFacts& page);

  // After the last page: do all items have an id, where one is declared, are the ids distinct, do
  // the items add up to the total? `counts_pages`: and the pages to the page count.
  [[nodiscard]] std::optional<Incomplete> finish(bool counts_pages);

  // The same where pages before or behind these are read elsewhere: nothing is summed.
  [[nodiscard]] std::optional<Incomplete> finish_part();

  // Whether the page that was added last has an id that no page before it had. Precondition: pages
  // are added in order.
  [[nodiscard]] bool last_page_brought_new_id();

  // Whether ids could be kept. Errors: those of ObjectStore::spill().
  [[nodiscard]] const base::Status& status() const { return status_; }
  // Whether the total that was told has been read.
  [[nodiscard]] bool is_at_total() const { return total_ && *total_ == items_; }
  // Whether there are items and none of them has an id, though the pipeline declares one.
  [[nodiscard]] bool has_no_ids() const { return items_ > 0 && without_id_ == items_; }

  // After finish(). The digest of the set of ids. Hex.
  [[nodiscard]] std::string ids_sha256() const;

  [[nodiscard]] std::int64_t items() const { return items_; }
  [[nodiscard]] std::optional<std::int64_t> total() const { return total_; }

 private:
  struct SeenId {
    IdDigest digest;
    std::uint32_t page;
    std::uint32_t position;  // among the ids of its page, from 1
    auto operator<=>(const SeenId&) const = default;
  };
  [[nodiscard]] std::optional<Incomplete> find_repeated() const;
  [[nodiscard]] Incomplete wrong_sum() const;

  const config::Repeats repeats_;

  std::optional<std::int64_t> total_;
  std::optional<std::int64_t> page_count_;
  std::int64_t items_ = 0;
  std::int64_t without_id_ = 0;
  std::int64_t first_without_id_ = 0;  // a page; 0: none
  std::int64_t first_empty_page_ = 0;  // 0: none
  std::int64_t pages_ = 0;
  std::int64_t first_page_ = 1;
  std::int64_t last_page_with_items_ = 0;
  io::RecordSorter<SeenId> ids_;  // finish() sorts them
  base::Status status_;
  bool is_noting_ = false;       // somebody has asked what pages bring
  std::set<IdDigest> distinct_;  // of all ids, where somebody has
  bool last_brought_new_ = false;
};

}  // namespace ashore::extract
