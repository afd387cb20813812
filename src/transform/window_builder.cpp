// Joins all pages at once where they fit, group by group where they do not.
#include "transform/window_builder.h"

#include <arrow/api.h>

#include <utility>

namespace ashore::transform {

namespace {

using base::Result;
using base::Status;

// Of the memory: rows that wait to be joined. Joining, gathering and encoding take as much again.
constexpr std::int64_t kRowsShare = 4;
// Of that: rejected lines of one table.
constexpr std::int64_t kLinesShare = 8;
// Of that: places of keys, of 16 bytes, of one table.
constexpr std::int64_t kPlacesShare = std::int64_t{16} * 16;

}  // namespace

WindowBuilder::WindowBuilder(const Plan& plan, io::ObjectStore& store, std::int64_t memory_bytes)
    : plan_(plan),
      bytes_max_(memory_bytes / kRowsShare),
      rejected_keys_(plan.tables.size()),
      runs_(plan, store, static_cast<std::size_t>(bytes_max_ / kPlacesShare)) {
  window_.counts.tables.resize(plan.tables.size());
  window_.counts.seen.resize(plan.nodes.size(), 0);
  const auto lines_max = static_cast<std::size_t>(bytes_max_ / kLinesShare);
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    window_.rejected.emplace_back(store, lines_max);
  }
}

Status WindowBuilder::add(std::vector<PageRows> pages) {
  // A finished window that lay in memory comes before its new pages as a run.
  auto finished = std::exchange(window_.tables, {});
  if (!finished.empty() && runs_.is_empty()) TRY(add_run(std::move(finished)));
  for (auto& page : pages) {
    add_counts(page, &window_.counts);
    for (std::size_t index = 0; index < page.tables.size(); ++index) {
      auto& lines = page.tables[index].quarantine;
      TRY(window_.rejected[index].append(lines));
      std::string().swap(lines);
    }
    bytes_ += page.bytes;
    pages_.push_back(std::move(page));
  }
  return bytes_ <= bytes_max_ ? Status() : spill();
}

Status WindowBuilder::spill() {
  TRY(auto tables, join_pages(plan_, &pages_));
  pages_.clear();
  bytes_ = 0;
  order_by_partition(plan_, &tables);
  return add_run(std::move(tables));
}

Status WindowBuilder::add_run(std::vector<WindowTable> tables) {
  for (std::size_t index = 0; index < tables.size(); ++index) {
    rejected_keys_[index].push_back(std::move(tables[index].rejected_keys));
  }
  return runs_.add(std::move(tables));
}

Result<Window*> WindowBuilder::finish() {
  if (!window_.tables.empty()) return &window_;
  if (runs_.is_empty()) {
    TRY(window_.tables, join_pages(plan_, &pages_));
    order_by_partition(plan_, &window_.tables);
    pages_.clear();
    bytes_ = 0;
    return &window_;
  }
  if (!pages_.empty()) TRY(spill());
  TRY(window_.tables, runs_.merge());
  for (std::size_t index = 0; index < window_.tables.size(); ++index) {
    TRY(window_.tables[index].rejected_keys, join_keys(plan_.tables[index], rejected_keys_[index]));
  }
  return &window_;
}

}  // namespace ashore::transform
