// WindowRuns keeps the rows of a window that are too many for memory as sorted runs on disk, and
// merges them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "io/record_sorter.h"
#include "transform/plan.h"
#include "transform/window_tables.h"

namespace ashore::transform {

// A run is what one group of pages gave: one row per key, sorted as in a staged window. Memory:
// some bits per row, and for each run some thousand rows while it merges. Threads: one.
class WindowRuns {
 public:
  // Of each table `places_max` places of keys are held in memory, 16 bytes each. The others outlive
  // this.
  WindowRuns(const Plan& plan, io::ObjectStore& store, std::size_t places_max);

  [[nodiscard]] bool is_empty() const { return tables_.front().runs.empty(); }

  // Takes the joined tables of the next group of pages, as in the plan, their order that of a
  // staged window. Errors: those of ObjectStore::spill().
  base::Status add(std::vector<WindowTable> group);
  // The tables of all groups together, as if their pages had been joined at once; their rows lie on
  // disk. Without rejected keys. More groups may be added and merged after it. Errors as add().
  base::Result<std::vector<WindowTable>> merge();

 private:
  struct Run {
    std::shared_ptr<arrow::Table> rows;      // on disk
    std::shared_ptr<io::SpillFile> places;   // KeyPlace of each row, by hash
    std::shared_ptr<io::SpillFile> parents;  // child tables: by row, the parent's row in its run
    std::string_view parents_bytes;
  };
  // Where the row of a key lies, by a hash of the key.
  struct KeyPlace {
    std::uint64_t hash = 0;
    std::int64_t row = 0;  // numbered over all runs
    auto operator<=>(const KeyPlace&) const = default;
  };
  struct Table {
    explicit Table(const io::RecordStorage& storage) : places(storage) {}
    std::vector<Run> runs;
    io::RecordSorter<KeyPlace> places;  // of all rows
    std::int64_t rows = 0;
    std::int64_t dropped_duplicate = 0;  // within runs
  };
  class RunOrder;

  base::Status add_table(std::size_t index, const WindowTable& window,
                         const std::vector<std::int64_t>& parent_places);
  // By row of all runs one after another: whether it stays.
  base::Result<std::vector<bool>> rows_that_stay(std::size_t index, const arrow::Table& rows,
                                                 const std::vector<bool>* parents_stay);
  void drop_with_parents(std::size_t index, const std::vector<bool>& parents_stay,
                         std::vector<bool>* stay) const;
  void drop_repeated(std::size_t index, const arrow::Table& rows, std::vector<bool>* stay);
  [[nodiscard]] std::vector<std::int64_t> first_rows(std::size_t index) const;

  const Plan& plan_;
  io::ObjectStore& store_;
  std::vector<Table> tables_;  // as in the plan
};

}  // namespace ashore::transform
