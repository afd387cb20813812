// Says which page comes next, for six page styles, by pure functions of the pages seen.
#include "extract/paginator.h"

#include <algorithm>

#include "io/shown_url.h"
#include "io/url.h"

namespace ashore::extract {

using base::Result;
using config::PageStyle;

PageRequest first_page(const config::Pages& pages) {
  PageRequest first;
  if (pages.style == PageStyle::kNumber) first.page = pages.first;
  if (pages.style == PageStyle::kOffset) first.offset = 0;
  return first;
}

std::int64_t page_size(const config::Pages& pages, const PageFacts& first) {
  const bool has_more = (first.total && *first.total > first.items) ||
                        (!first.total && first.page_count.value_or(1) > 1);
  return has_more && first.items > 0 ? first.items : pages.size;
}

std::optional<std::int64_t> pages_planned(const config::Pages& pages, const PageFacts& first) {
  if (pages.style != PageStyle::kNumber && pages.style != PageStyle::kOffset) return std::nullopt;
  // An offset steps by items, so there the total is the better witness.
  const bool by_count = first.page_count && !(pages.style == PageStyle::kOffset && first.total);
  if (by_count) return std::max<std::int64_t>(*first.page_count, 1);
  if (!first.total) return std::nullopt;
  const std::int64_t size = page_size(pages, first);
  return std::max<std::int64_t>(*first.total / size + (*first.total % size == 0 ? 0 : 1), 1);
}

PageRequest planned_page(const config::Pages& pages, std::int64_t size, std::int64_t number) {
  PageRequest request{.number = number, .page = {}, .offset = {}, .cursor = {}, .url = {}};
  if (pages.style == PageStyle::kNumber) request.page = pages.first + number - 1;
  if (pages.style == PageStyle::kOffset) request.offset = (number - 1) * size;
  return request;
}

std::string_view end_name(End end) {
  switch (end) {
    case End::kUnsaid:
      return "";
    case End::kNull:
      return "null";
    case End::kEmpty:
      return "empty";
    case End::kAbsent:
      return "absent";
    case End::kTotal:
      return "total";
    case End::kMore:
      return "more";
    case End::kLink:
      return "link";
  }
  return "";
}

namespace {

Result<Step> follow(PageRequest next, const PageSeen& seen, const std::string& link,
                    std::string_view source_url) {
  TRY(const auto source, io::Url::parse(source_url));
  TRY(const auto page, io::Url::parse(seen.url));
  const auto target = page.resolve(link);
  if (!target.ok()) {
    return base::permanent("the link to the next page " + target.error().what() + ": " +
                           io::without_keys(link.substr(0, link.find_first_of("?#"))))
        .with_remedy("Look at extract.pages.next, or at the API's answer.");
  }
  if (!source.may_lead_to(target.value())) {
    return base::permanent("the link to the next page leads to another place than the source: " +
                           target.value().without_query())
        .with_remedy("If that is right, make it the source's url; headers are not sent elsewhere.");
  }
  next.url = target.value().text();
  return Step{.next = std::move(next)};
}

End end_of(const config::Pages& pages, const PageSeen& seen) {
  if (pages.style == PageStyle::kLink) return End::kLink;
  if (seen.facts.next_kind == json::NextKind::kNull) return End::kNull;
  return seen.facts.next_kind == json::NextKind::kEmpty ? End::kEmpty : End::kAbsent;
}

// The page says that another follows, and not how to ask for it.
Step contradiction(std::string why) {
  return {.next = {}, .end = End::kUnsaid, .contradiction = std::move(why)};
}

// By number and offset: the next page is counted, whatever this one names.
Result<Step> count_on(const config::Pages& pages, const PageRequest& current, const PageSeen& seen,
                      PageRequest next) {
  const bool is_empty = seen.facts.items == 0;
  if (is_empty && !seen.facts.more) return Step{.next = {}, .end = End::kEmpty};
  if (pages.style == PageStyle::kNumber) {
    next.page = current.page.value_or(pages.first) + 1;
    return Step{.next = std::move(next)};
  }
  if (is_empty) return contradiction("is empty and says that more items follow");
  next.offset = current.offset.value_or(0) + seen.facts.items;
  return Step{.next = std::move(next)};
}

// By a value of the last item.
Result<Step> go_on_behind_last(const config::Pages& pages, const PageSeen& seen, PageRequest next) {
  if (seen.facts.items == 0) {
    if (seen.facts.more) return contradiction("is empty and says that more items follow");
    return Step{.next = {}, .end = End::kEmpty};
  }
  if (!seen.facts.next) {
    return missing_key("the last item has no value to ask for the next page by",
                       {.key = "pages.cursor.last_item",
                        .pointer = *pages.last_item,
                        .found = seen.facts.keys_near_next});
  }
  next.cursor = seen.facts.next;
  return Step{.next = std::move(next)};
}

}  // namespace

Result<Step> page_after(const config::Pages& pages, const PageRequest& current,
                        const PageSeen& seen, std::string_view source_url) {
  if (seen.facts.more == false) return Step{.next = {}, .end = End::kMore};
  PageRequest next{.number = current.number + 1, .page = {}, .offset = {}, .cursor = {}, .url = {}};
  if (pages.style == PageStyle::kNumber || pages.style == PageStyle::kOffset) {
    return count_on(pages, current, seen, std::move(next));
  }
  if (pages.last_item) return go_on_behind_last(pages, seen, std::move(next));
  const auto& way = pages.style == PageStyle::kLink ? seen.link_header : seen.facts.next;
  const bool has_way = pages.style != PageStyle::kNone && way && !way->empty();
  if (!has_way) {
    if (seen.facts.more) return contradiction("says that another page follows, but not which");
    return Step{.next = {},
                .end = pages.style == PageStyle::kNone ? End::kUnsaid : end_of(pages, seen)};
  }
  if (pages.style != PageStyle::kCursor) return follow(std::move(next), seen, *way, source_url);
  next.cursor = way;
  return Step{.next = std::move(next)};
}

}  // namespace ashore::extract
