// A page as extract sees it: how many items, which ids, what its envelope says of the rest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "json/envelope.h"

namespace ashore::extract {

// The first 16 bytes of an id's SHA-256: millions of ids are compared in little memory.
using IdDigest = std::array<std::uint8_t, 16>;

struct PageFacts {
  std::int64_t items = 0;
  std::vector<IdDigest> ids;    // of items with an id; empty when the pipeline declares none
  std::int64_t without_id = 0;  // items whose id is null or absent, where one is declared
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> page_count;
  std::optional<std::string> next;  // cursor or link as written; empty, null or absent is none
  json::NextKind next_kind = json::NextKind::kAbsent;
  std::optional<bool> more = {};  // where the pipeline declares it
  // For messages: the keys that are where `next` or the first item's id was looked for, in vain.
  std::vector<std::string> keys_near_next = {};
  std::vector<std::string> keys_of_item = {};
  // Where the items are absent (items.absent_means_none): the keys that are there.
  std::optional<std::vector<std::string>> keys_without_items = {};
};

// Pure. Where a page says what the next one is asked by, or nullptr where pages are counted.
const json::Pointer* pointer_to_next(const config::Pages& pages);

// A value that the pipeline file names and an answer lacks.
struct MissingKey {
  std::string key;  // of the pipeline file: "items.id"
  json::Pointer pointer;
  std::vector<std::string> found;  // the keys that lie there
  std::string_view way_out = {};   // for APIs that are as the pipeline file says
};
// Pure. A kPermanent error that says so, with the nearest of those that were found.
base::Error missing_key(std::string what, const MissingKey& missing);

// Pure. Validates a whole body and reads its envelope. Errors:
//   kTransient  not JSON or cut short: HTML, an empty body, half a document
//   kPermanent  JSON, but not what the pipeline promises: a field that is missing or of another
//               type (named by its pointer, with the keys that are there), a negative total,
//               nesting past limits.depth_max. What may be absent: ids, where the next page is
//               named, and, with pages.absent_means_end, items.more (then it is false)
base::Result<PageFacts> read_page(std::string_view body, const config::Extract& extract);

}  // namespace ashore::extract
