// RecordSorter sorts records of a fixed size; on disk once they are too many for memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::io {

// Where records lie: up to `records_max` of one sorter in memory, more in `store`, which outlives
// it; without a store all lie in memory.
struct RecordStorage {
  ObjectStore* store = nullptr;
  std::size_t records_max = 0;
};

// Sorted runs, merged as they are read (Knuth, The Art of Computer Programming 3, 5.4). Records are
// compared by <=>. Threads: one.
template <typename Record>
class RecordSorter {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  explicit RecordSorter(const RecordStorage& storage) : storage_(storage) {}

  // Errors: those of ObjectStore::spill().
  base::Status add(const Record& record) {
    records_.push_back(record);
    const bool is_full = storage_.store != nullptr && records_.size() >= storage_.records_max;
    return is_full ? spill() : base::Status();
  }
  // Sorts what is left. Whoever adds more sorts again before reading.
  void sort() { std::ranges::sort(records_); }

  // Calls `visit` with each record, in no order.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t run = 0; run <= runs_.size(); ++run) {
      for (std::size_t index = 0; index < count_of(run); ++index) visit(at(run, index));
    }
  }

  // Gives all records in order. The sorter must outlive it and be sorted.
  class Reader {
   public:
    explicit Reader(const RecordSorter& sorter)
        : sorter_(sorter), next_(sorter.runs_.size() + 1, 0) {
      for (std::size_t run = 0; run < next_.size(); ++run) push(run);
    }

    // The next one, or nullptr after the last. Valid until the next call.
    const Record* next() {
      if (heads_.empty()) return nullptr;
      std::ranges::pop_heap(heads_, std::greater<>());
      const auto run = heads_.back().run;
      current_ = heads_.back().record;
      heads_.pop_back();
      push(run);
      return &current_;
    }

   private:
    struct Head {
      Record record;
      std::size_t run;
      auto operator<=>(const Head&) const = default;
    };

    void push(std::size_t run) {
      if (next_[run] == sorter_.count_of(run)) return;
      heads_.push_back({sorter_.at(run, next_[run]++), run});
      std::ranges::push_heap(heads_, std::greater<>());
    }

    const RecordSorter& sorter_;
    std::vector<std::size_t> next_;  // by run
    std::vector<Head> heads_;        // a heap, the smallest first
    Record current_{};
  };

 private:
  // Sorted, on disk.
  struct Run {
    std::unique_ptr<SpillFile> file;
    std::string_view bytes;
  };

  base::Status spill() {
    std::ranges::sort(records_);
    Run run;
    TRY(run.file, storage_.store->spill());
    TRY(run.file->append(
        {reinterpret_cast<const char*>(records_.data()), records_.size() * sizeof(Record)}));
    TRY(run.bytes, run.file->map());
    runs_.push_back(std::move(run));
    records_.clear();
    return {};
  }

  // The last run is the one in memory.
  [[nodiscard]] std::size_t count_of(std::size_t run) const {
    return run == runs_.size() ? records_.size() : runs_[run].bytes.size() / sizeof(Record);
  }
  [[nodiscard]] Record at(std::size_t run, std::size_t index) const {
    if (run == runs_.size()) return records_[index];
    Record record;
    std::memcpy(&record, runs_[run].bytes.data() + index * sizeof record, sizeof record);
    return record;
  }

  RecordStorage storage_;
  std::vector<Run> runs_;
  std::vector<Record> records_;
};

}  // namespace ashore::io
