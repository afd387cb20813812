// Paginator knows which page comes next, from what the pages before said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "extract/page.h"

namespace ashore::extract {

// What to ask for to get one page.
struct PageRequest {
  std::int64_t number = 1;             // the page's place in the landing, from 1
  std::optional<std::int64_t> page;    // ${page}
  std::optional<std::int64_t> offset;  // ${offset}
  std::optional<std::string> cursor;   // ${cursor}; absent on the first page
  std::optional<std::string> url;      // followed as it is, instead of the rendered one
  // ${keys}: this is a lookup, rendered from its own request.
  std::optional<std::vector<std::string>> keys = {};
};

// What a page says that matters for the next one.
struct PageSeen {
  const PageFacts& facts;
  std::string_view url;                    // where it came from, after redirects
  std::optional<std::string> link_header;  // the target of rel="next", as written
};

// How a source says that no page follows.
enum class End {
  kUnsaid,  // pages.by: none
  kNull,    // the next cursor or link is null
  kEmpty,   // ... or an empty text; pages by number, offset and last item: a page without items
  kAbsent,  // ... or not there
  kTotal,   // all items of items.total or pages of items.page_count were read
  kMore,    // items.more is false
  kLink,    // no Link header with rel="next"
};
// Pure. "null"; "" for kUnsaid.
std::string_view end_name(End end);

// The request for the next page, or how the source ends.
struct Step {
  std::optional<PageRequest> next;
  End end = End::kUnsaid;                      // where there is no next
  std::optional<std::string> contradiction{};  // the page says that another follows, but not which
};

// Pure. The request for the first page.
PageRequest first_page(const config::Pages& pages);

// Pure. How many pages there are, where the first one tells: pages by number or offset whose
// envelope has a page count or a total. A source that gives fewer items than asked for has a cap:
// then its page size counts, not ours. At least 1. Nothing: go on until the end shows itself.
std::optional<std::int64_t> pages_planned(const config::Pages& pages, const PageFacts& first);

// Pure. Items that a page holds unless it is the last: as many as are asked for, or as the source
// gives where those are fewer.
std::int64_t page_size(const config::Pages& pages, const PageFacts& first);

// Pure. The request for page `number` of those planned; `size` as page_size().
PageRequest planned_page(const config::Pages& pages, std::int64_t size, std::int64_t number);

// Pure. The request for the page after `current`, or the source's end: where items.more is false,
// or, where it is not declared, by number, offset and last item after a page without items (a short
// page may be a cap of the source's), by cursor, next and link where there is none. kPermanent: a
// link to another place than `source_url`'s, a last item without the value to go on by.
base::Result<Step> page_after(const config::Pages& pages, const PageRequest& current,
                              const PageSeen& seen, std::string_view source_url);

}  // namespace ashore::extract
