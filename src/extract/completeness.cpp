// Compares totals page by page, sums and ids once all pages are there.
#include "extract/completeness.h"

#include <algorithm>

#include "base/digest.h"

namespace ashore::extract {

namespace {

std::string number_or_none(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : std::string("none");
}

// Totals are compared with the first page's: a source that grows while it is read changes them, and
// then pages have moved too.
std::optional<Incomplete> compare(std::string_view what, std::int64_t page,
                                  const std::optional<std::int64_t>& here,
                                  const std::optional<std::int64_t>& first) {
  if (here == first) return std::nullopt;
  return Incomplete{"page " + std::to_string(page) + " says " + number_or_none(here) + " " +
                    std::string(what) + " where page 1 said " + number_or_none(first)};
}

}  // namespace

std::optional<Incomplete> Completeness::add(std::int64_t number, const PageFacts& page) {
  if (number == 1) {
    total_ = page.total;
    page_count_ = page.page_count;
  }
  if (auto differs = compare("items in all", number, page.total, total_)) return differs;
  if (auto differs = compare("pages in all", number, page.page_count, page_count_)) return differs;
  ++pages_;
  items_ += page.items;
  without_id_ += page.without_id;
  if (page.without_id > 0 && (first_without_id_ == 0 || number < first_without_id_)) {
    first_without_id_ = number;
  }
  if (page.items > 0) last_page_with_items_ = std::max(last_page_with_items_, number);
  const bool is_first_empty =
      page.items == 0 && (first_empty_page_ == 0 || number < first_empty_page_);
  if (is_first_empty) first_empty_page_ = number;
  std::uint32_t position = 0;
  for (const auto& id : page.ids)
    ids_.push_back({id, static_cast<std::uint32_t>(number), ++position});
  return std::nullopt;
}

bool Completeness::last_page_brought_new_id() {
  bool is_new = false;
  // Ids added since the last call, so that a reading of n pages compares each id once.
  for (; compared_ < ids_.size(); ++compared_) {
    const auto& id = ids_[compared_];
    const bool is_first = distinct_.insert(id.digest).second;
    is_new = is_new || (is_first && id.page == pages_);
  }
  return is_new;
}

std::optional<Incomplete> Completeness::finish(bool counts_pages) {
  std::ranges::sort(ids_);
  if (auto repeated = find_repeated()) return repeated;
  if (without_id_ > 0) {
    return Incomplete{std::to_string(without_id_) + " of " + std::to_string(items_) +
                      " items have no id, the first on page " + std::to_string(first_without_id_)};
  }
  if (total_ && *total_ != items_) return wrong_sum();
  if (!counts_pages || !page_count_) return std::nullopt;
  // One empty page past the last is how some readings end; items there are not in the count.
  if (pages_ >= *page_count_ && last_page_with_items_ <= std::max<std::int64_t>(*page_count_, 1)) {
    return std::nullopt;
  }
  return Incomplete{"the source says " + std::to_string(*page_count_) + " pages in all, it gave " +
                        std::to_string(pages_),
                    Fault::kDoesNotAddUp};
}

std::optional<Incomplete> Completeness::find_repeated() const {
  if (repeats_ == config::Repeats::kKeep) return std::nullopt;
  const auto twin = std::ranges::adjacent_find(ids_, {}, &SeenId::digest);
  if (twin == ids_.end()) return std::nullopt;
  const auto place = [](const SeenId& id) {
    return "id " + std::to_string(id.position) + " of page " + std::to_string(id.page);
  };
  return Incomplete{"an id comes twice: " + place(*twin) + " and " + place(*std::next(twin)),
                    Fault::kRepeats};
}

std::string Completeness::ids_sha256() const {
  std::string bytes;
  const IdDigest* before = nullptr;
  for (const auto& id : ids_) {
    // Distinct and sorted: two readings with the same ids have the same digest in any order of
    // pages.
    if (before == nullptr || *before != id.digest) bytes.append(id.digest.begin(), id.digest.end());
    before = &id.digest;
  }
  return base::to_hex(base::sha256(bytes));
}

Incomplete Completeness::wrong_sum() const {
  std::string why = "the source says " + std::to_string(*total_) +
                    " items in all, its pages hold " + std::to_string(items_);
  if (first_empty_page_ > 1) why += "; page " + std::to_string(first_empty_page_) + " is empty";
  return {std::move(why), Fault::kDoesNotAddUp};
}

}  // namespace ashore::extract
