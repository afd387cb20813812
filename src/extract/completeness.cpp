// Totals are compared page by page, sums and ids once all pages are there.
#include "extract/completeness.h"

#include <algorithm>

namespace ashore::extract {

namespace {

std::string number_or_none(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : std::string("none");
}

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
  items_ += page.items;
  const bool is_first_empty =
      page.items == 0 && (first_empty_page_ == 0 || number < first_empty_page_);
  if (is_first_empty) first_empty_page_ = number;
  std::uint32_t position = 0;
  for (const auto& id : page.ids)
    ids_.push_back({id, static_cast<std::uint32_t>(number), ++position});
  return std::nullopt;
}

std::optional<Incomplete> Completeness::finish() {
  if (total_ && *total_ != items_) return wrong_sum();
  std::ranges::sort(ids_);
  const auto twin = std::ranges::adjacent_find(ids_, {}, &SeenId::digest);
  if (twin == ids_.end()) return std::nullopt;
  const auto place = [](const SeenId& id) {
    return "id " + std::to_string(id.position) + " of page " + std::to_string(id.page);
  };
  return Incomplete{"an id comes twice: " + place(*twin) + " and " + place(*std::next(twin)), true};
}

Incomplete Completeness::wrong_sum() const {
  std::string why = "the source says " + std::to_string(*total_) +
                    " items in all, its pages hold " + std::to_string(items_);
  if (first_empty_page_ > 1) why += "; page " + std::to_string(first_empty_page_) + " is empty";
  return {std::move(why), false};
}

}  // namespace ashore::extract
