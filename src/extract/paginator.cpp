// Six page styles as pure functions of the pages seen.
#include "extract/paginator.h"

#include <algorithm>

#include "extract/url.h"

namespace ashore::extract {

using base::Result;
using spec::PageStyle;

PageRequest first_page(const spec::Pages& pages) {
  PageRequest first;
  if (pages.style == PageStyle::kNumber) first.page = pages.first;
  if (pages.style == PageStyle::kOffset) first.offset = 0;
  return first;
}

namespace {

// Items a page holds unless it is the last: ours, or the source's where it gives fewer.
std::int64_t page_size(const spec::Pages& pages, const PageFacts& first) {
  const bool has_more = (first.total && *first.total > first.items) ||
                        (!first.total && first.page_count.value_or(1) > 1);
  return has_more && first.items > 0 ? first.items : pages.size;
}

}  // namespace

std::optional<std::int64_t> pages_planned(const spec::Pages& pages, const PageFacts& first) {
  if (pages.style != PageStyle::kNumber && pages.style != PageStyle::kOffset) return std::nullopt;
  // An offset steps by items, so there the total is the better witness.
  const bool by_count = first.page_count && !(pages.style == PageStyle::kOffset && first.total);
  if (by_count) return std::max<std::int64_t>(*first.page_count, 1);
  if (!first.total) return std::nullopt;
  const std::int64_t size = page_size(pages, first);
  return std::max<std::int64_t>(*first.total / size + (*first.total % size == 0 ? 0 : 1), 1);
}

PageRequest planned_page(const spec::Pages& pages, const PageFacts& first, std::int64_t number) {
  PageRequest request{.number = number, .page = {}, .offset = {}, .cursor = {}, .url = {}};
  if (pages.style == PageStyle::kNumber) request.page = pages.first + number - 1;
  if (pages.style == PageStyle::kOffset) request.offset = (number - 1) * page_size(pages, first);
  return request;
}

namespace {

Result<std::optional<PageRequest>> follow(PageRequest next, const PageSeen& seen,
                                          const std::optional<std::string>& link,
                                          std::string_view source_url) {
  if (!link || link->empty()) return std::optional<PageRequest>();
  TRY(next.url, resolve_url(seen.url, *link));
  if (!may_follow(source_url, *next.url)) {
    return base::permanent("the link to the next page leads to another place than the source: " +
                           without_query(*next.url))
        .with_remedy("If that is right, make it the source's url; headers are not sent elsewhere.");
  }
  return std::optional(std::move(next));
}

}  // namespace

Result<std::optional<PageRequest>> page_after(const spec::Pages& pages, const PageRequest& current,
                                              const PageSeen& seen, std::string_view source_url) {
  PageRequest next{.number = current.number + 1, .page = {}, .offset = {}, .cursor = {}, .url = {}};
  const bool is_empty = seen.facts.items == 0;
  switch (pages.style) {
    case PageStyle::kNone:
      return std::optional<PageRequest>();
    case PageStyle::kNumber:
      if (is_empty) return std::optional<PageRequest>();
      next.page = current.page.value_or(pages.first) + 1;
      return std::optional(std::move(next));
    case PageStyle::kOffset:
      if (is_empty) return std::optional<PageRequest>();
      next.offset = current.offset.value_or(0) + seen.facts.items;
      return std::optional(std::move(next));
    case PageStyle::kCursor:
      if (!seen.facts.next || seen.facts.next->empty()) return std::optional<PageRequest>();
      next.cursor = seen.facts.next;
      return std::optional(std::move(next));
    case PageStyle::kNext:
      return follow(std::move(next), seen, seen.facts.next, source_url);
    case PageStyle::kLink:
      return follow(std::move(next), seen, seen.link_header, source_url);
  }
  return std::optional<PageRequest>();
}

}  // namespace ashore::extract
