// Sorted runs and their merge (Knuth, The Art of Computer Programming 3, 5.4). Rows are numbered
// over all runs, one after another. Two orders are merged: that of the keys' hashes, to find keys
// that several runs have, and that of a staged window.
#include "transform/window_runs.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <functional>
#include <queue>
#include <string_view>
#include <utility>

#include "columnar/arrow_schema.h"
#include "columnar/keys.h"
#include "columnar/spilled_rows.h"

namespace ashore::transform {

namespace {

using base::Result;
using base::Status;

// Rows whose keys are encoded at once.
constexpr std::int64_t kStepRows = 2'048;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

template <typename Number>
std::string_view bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

template <typename Number>
Number number_at(std::string_view bytes, std::int64_t index) {
  Number number;
  std::memcpy(&number, bytes.data() + at(index) * sizeof number, sizeof number);
  return number;
}

template <typename Number>
Result<std::shared_ptr<io::SpillFile>> spill_numbers(io::ObjectStore& store,
                                                     const std::vector<Number>& numbers,
                                                     std::string_view* mapped) {
  TRY(auto made, store.spill());
  std::shared_ptr<io::SpillFile> file = std::move(made);
  TRY(file->append(bytes_of(numbers)));
  TRY(*mapped, file->map());
  return file;
}

// By row of `rows`, its place in `order`; -1: it is not in it.
std::vector<std::int64_t> places_in(const std::vector<std::int64_t>& order, std::int64_t rows) {
  std::vector<std::int64_t> places(at(rows), -1);
  for (std::size_t place = 0; place < order.size(); ++place) {
    places[at(order[place])] = static_cast<std::int64_t>(place);
  }
  return places;
}

std::string key_at(const arrow::Table& rows, const std::vector<std::string>& key,
                   std::int64_t row) {
  return std::string(columnar::KeyColumn::encode(*rows.Slice(row, 1), key).at(0));
}

// Of rows whose keys have one hash, in the order of pages, one per key goes on to stay.
void keep_one_per_key(const TablePlan& plan, const arrow::Table& rows,
                      const std::vector<std::int64_t>& same_hash, std::vector<bool>* stay) {
  if (same_hash.size() < 2) return;
  std::vector<std::pair<std::string, std::int64_t>> staying;  // key, row
  for (const auto row : same_hash) {
    auto key = key_at(rows, plan.table->key, row);
    const auto found =
        std::ranges::find(staying, key, &std::pair<std::string, std::int64_t>::first);
    if (found == staying.end()) {
      staying.emplace_back(std::move(key), row);
      continue;
    }
    // Two rows as a table of their own, so that no more of the column is read.
    const std::vector<std::int64_t> both = {found->second, row};
    const auto pair = columnar::take_rows(rows, both);
    const bool is_replaced = Replacement(plan, *pair).is_by(1, 0);
    (*stay)[at(is_replaced ? found->second : row)] = false;
    if (is_replaced) found->second = row;
  }
}

}  // namespace

WindowRuns::WindowRuns(const Plan& plan, io::ObjectStore& store, std::size_t places_max)
    : plan_(plan), store_(store) {
  tables_.reserve(plan.tables.size());
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    tables_.emplace_back(io::RecordStorage{&store, places_max});
  }
}

Status WindowRuns::add(std::vector<WindowTable> group) {
  std::vector<std::vector<std::int64_t>> places(group.size());
  for (std::size_t index = 0; index < group.size(); ++index) {
    const int parent = plan_.tables[index].parent;
    static const std::vector<std::int64_t> kNone;
    TRY(add_table(index, group[index], parent < 0 ? kNone : places[at(parent)]));
    if (!plan_.tables[index].children.empty()) {
      places[index] = places_in(group[index].order, group[index].rows->num_rows());
    }
    group[index] = {};
  }
  return {};
}

Status WindowRuns::add_table(std::size_t index, const WindowTable& window,
                             const std::vector<std::int64_t>& parent_places) {
  auto& table = tables_[index];
  auto& run = table.runs.emplace_back();
  table.dropped_duplicate += window.dropped_duplicate;
  TRY(run.rows, columnar::spill_rows(store_, *window.rows, window.order));
  const auto first = table.rows;
  table.rows += run.rows->num_rows();
  Status added;
  columnar::visit_keys(
      *run.rows, plan_.tables[index].table->key, [&](std::int64_t row, std::string_view key) {
        if (!added.ok()) return;
        added = table.places.add({std::hash<std::string_view>()(key), first + row});
      });
  TRY(std::move(added));
  if (plan_.tables[index].parent < 0) return {};
  std::vector<std::int64_t> parents;
  parents.reserve(window.order.size());
  for (const auto row : window.order) {
    parents.push_back(parent_places[at(window.parents[at(row)])]);
    assert(parents.back() >= 0);  // the children of a row that goes have gone with it
  }
  TRY(run.parents, spill_numbers(store_, parents, &run.parents_bytes));
  return {};
}

std::vector<std::int64_t> WindowRuns::first_rows(std::size_t index) const {
  std::vector<std::int64_t> first = {0};
  for (const auto& run : tables_[index].runs) first.push_back(first.back() + run.rows->num_rows());
  return first;
}

void WindowRuns::drop_with_parents(std::size_t index, const std::vector<bool>& parents_stay,
                                   std::vector<bool>* stay) const {
  const auto first = first_rows(index);
  const auto first_parents = first_rows(at(plan_.tables[index].parent));
  for (std::size_t number = 0; number < tables_[index].runs.size(); ++number) {
    const auto& run = tables_[index].runs[number];
    for (std::int64_t row = 0; row < run.rows->num_rows(); ++row) {
      const auto parent = number_at<std::int64_t>(run.parents_bytes, row);
      if (!parents_stay[at(first_parents[number] + parent)]) {
        (*stay)[at(first[number] + row)] = false;
      }
    }
  }
}

void WindowRuns::drop_repeated(std::size_t index, const arrow::Table& rows,
                               std::vector<bool>* stay) {
  auto& places = tables_[index].places;
  places.sort();
  io::RecordSorter<KeyPlace>::Reader reader(places);
  std::vector<std::int64_t> same_hash;
  std::uint64_t hash = 0;
  while (const auto* const place = reader.next()) {
    if (place->hash != hash) {
      keep_one_per_key(plan_.tables[index], rows, same_hash, stay);
      same_hash.clear();
      hash = place->hash;
    }
    if ((*stay)[at(place->row)]) same_hash.push_back(place->row);
  }
  keep_one_per_key(plan_.tables[index], rows, same_hash, stay);
}
Result<std::vector<bool>> WindowRuns::rows_that_stay(std::size_t index, const arrow::Table& rows,
                                                     const std::vector<bool>* parents_stay) {
  std::vector<bool> stay(at(rows.num_rows()), true);
  if (parents_stay != nullptr) drop_with_parents(index, *parents_stay, &stay);
  drop_repeated(index, rows, &stay);
  return stay;
}

// Gives the rows of all runs in the order of a staged window.
class WindowRuns::RunOrder {
 public:
  RunOrder(const TablePlan& plan, const Table& table, std::vector<std::int64_t> first)
      : plan_(plan), table_(table), first_(std::move(first)), cursors_(table.runs.size()) {
    for (std::size_t run = 0; run < table.runs.size(); ++run) push(run);
  }

  // Appends the rows that stay, as std::int64_t. Errors: those of the file.
  Status write(const std::vector<bool>& stay, io::SpillFile* file) {
    while (!heads_.empty()) {
      const auto run = heads_.top().run;
      heads_.pop();
      const auto row = first_[run] + cursors_[run].step + cursors_[run].row;
      if (stay[at(row)]) {
        TRY(file->append({reinterpret_cast<const char*>(&row), sizeof row}));
      }
      ++cursors_[run].row;
      push(run);
    }
    return {};
  }

 private:
  struct Head {
    std::string_view key;  // of its cursor
    std::size_t run;
    bool operator>(const Head& other) const {
      const int compared = key.compare(other.key);
      return compared != 0 ? compared > 0 : run > other.run;
    }
  };
  // Where a run is: row `row` of the rows whose keys were encoded, of which `step` is the first.
  struct Cursor {
    columnar::KeyColumn keys;
    std::int64_t step = 0;
    std::int64_t row = 0;
  };

  void push(std::size_t run) {
    auto& cursor = cursors_[run];
    if (cursor.row == cursor.keys.size()) {
      cursor.step += cursor.keys.size();
      cursor.row = 0;
      const auto rows = table_.runs[run].rows->Slice(cursor.step, kStepRows);
      cursor.keys = columnar::KeyColumn::encode_in_partitions(*rows, plan_.table->partition_by,
                                                              plan_.table->key);
    }
    if (cursor.keys.size() > 0) heads_.push({cursor.keys.at(cursor.row), run});
  }

  const TablePlan& plan_;
  const Table& table_;
  std::vector<std::int64_t> first_;
  std::vector<Cursor> cursors_;  // by run
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
};

Result<std::vector<WindowTable>> WindowRuns::merge() {
  std::vector<WindowTable> tables;
  std::vector<std::vector<bool>> stay(plan_.tables.size());
  for (std::size_t index = 0; index < plan_.tables.size(); ++index) {
    std::vector<std::shared_ptr<arrow::Table>> parts;
    for (const auto& run : tables_[index].runs) parts.push_back(run.rows);
    auto joined = arrow::ConcatenateTables(parts);
    if (!joined.ok()) return columnar::arrow_error(joined.status(), "join sorted runs");
    WindowTable window;
    window.rows = joined.MoveValueUnsafe();
    const int parent = plan_.tables[index].parent;
    TRY(stay[index], rows_that_stay(index, *window.rows, parent < 0 ? nullptr : &stay[at(parent)]));
    TRY(window.order_file, store_.spill());
    TRY(RunOrder(plan_.tables[index], tables_[index], first_rows(index))
            .write(stay[index], window.order_file.get()));
    TRY(const auto order, window.order_file->map());
    window.order_on_disk = {reinterpret_cast<const std::int64_t*>(order.data()),
                            order.size() / sizeof(std::int64_t)};
    window.dropped_duplicate = tables_[index].dropped_duplicate + window.rows->num_rows() -
                               static_cast<std::int64_t>(window.order_on_disk.size());
    tables.push_back(std::move(window));
  }
  return tables;
}

}  // namespace ashore::transform
