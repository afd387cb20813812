// Compares totals page by page, sums and ids once all pages are there.
#include "extract/completeness.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"

namespace ashore::extract {

namespace {

std::string number_or_none(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : std::string("none");
}

// Totals are compared with the first page's: a source that grows while it is read changes them, and
// then pages have moved too.
struct Pages {
  std::int64_t here;
  std::int64_t first;
};
std::optional<Incomplete> compare(std::string_view what, const Pages& pages,
                                  const std::optional<std::int64_t>& here,
                                  const std::optional<std::int64_t>& first) {
  if (here == first) return std::nullopt;
  return Incomplete{"page " + std::to_string(pages.here) + " says " + number_or_none(here) + " " +
                    std::string(what) + " where page " + std::to_string(pages.first) + " said " +
                    number_or_none(first)};
}

}  // namespace

std::optional<Incomplete> Completeness::add(std::int64_t number, const PageFacts& page) {
  if (pages_ == 0) {
    first_page_ = number;
    total_ = page.total;
    page_count_ = page.page_count;
  }
  const Pages pages{number, first_page_};
  if (auto differs = compare("items in all", pages, page.total, total_)) return differs;
  if (auto differs = compare("pages in all", pages, page.page_count, page_count_)) return differs;
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
  last_brought_new_ = false;
  for (const auto& id : page.ids) {
    if (status_.ok()) status_ = ids_.add({id, static_cast<std::uint32_t>(number), ++position});
    if (is_noting_ && distinct_.insert(id).second) last_brought_new_ = true;
  }
  return std::nullopt;
}

bool Completeness::last_page_brought_new_id() {
  if (is_noting_) return last_brought_new_;
  // Most readings never ask: the set is made from the ids there are, and kept up from here on.
  is_noting_ = true;
  ids_.for_each([this](const SeenId& id) {
    if (id.page != pages_) distinct_.insert(id.digest);
  });
  ids_.for_each([this](const SeenId& id) {
    if (id.page == pages_ && distinct_.insert(id.digest).second) last_brought_new_ = true;
  });
  return last_brought_new_;
}

std::optional<Incomplete> Completeness::finish_part() {
  ids_.sort();
  if (auto repeated = find_repeated()) return repeated;
  if (without_id_ > 0) {
    return Incomplete{std::to_string(without_id_) + " of " + std::to_string(items_) +
                      " items have no id, the first on page " + std::to_string(first_without_id_)};
  }
  return std::nullopt;
}

std::optional<Incomplete> Completeness::finish(bool counts_pages) {
  if (auto fault = finish_part()) return fault;
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
  const auto place = [](const SeenId& id) {
    return "id " + std::to_string(id.position) + " of page " + std::to_string(id.page);
  };
  io::RecordSorter<SeenId>::Reader reader(ids_);
  std::optional<SeenId> before;
  while (const auto* const id = reader.next()) {
    if (before && before->digest == id->digest) {
      return Incomplete{"an id comes twice: " + place(*before) + " and " + place(*id),
                        Fault::kRepeats};
    }
    before = *id;
  }
  return std::nullopt;
}

std::string Completeness::ids_sha256() const {
  base::Sha256Stream digest;
  io::RecordSorter<SeenId>::Reader reader(ids_);
  std::optional<IdDigest> before;
  while (const auto* const id = reader.next()) {
    // Distinct and sorted: two readings with the same ids have the same digest in any order of
    // pages.
    if (before != id->digest) {
      digest.update({reinterpret_cast<const char*>(id->digest.data()), id->digest.size()});
    }
    before = id->digest;
  }
  return base::to_hex(std::move(digest).finish());
}

Incomplete Completeness::wrong_sum() const {
  std::string why = "the source says " + std::to_string(*total_) +
                    " items in all, its pages hold " + std::to_string(items_);
  if (first_empty_page_ > 1) why += "; page " + std::to_string(first_empty_page_) + " is empty";
  return {std::move(why), Fault::kDoesNotAddUp};
}

}  // namespace ashore::extract
