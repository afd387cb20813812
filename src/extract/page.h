// A page as extract sees it: how many items, which ids, what its envelope says of the rest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/pipeline.h"

namespace ashore::extract {

// The first 16 bytes of an id's SHA-256: millions of ids are compared in little memory.
using IdDigest = std::array<std::uint8_t, 16>;

struct PageFacts {
  std::int64_t items = 0;
  // Of items with an id; empty when the pipeline declares none. Ids that are null or absent are no
  // duplicates of each other: transform rejects such rows.
  std::vector<IdDigest> ids;
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> page_count;
  std::optional<std::string> next;  // cursor or link as written; empty, null or absent is none
};

// Pure. Validates a whole body and reads its envelope. Errors:
//   kTransient  not JSON or cut short: HTML, an empty body, half a document
//   kPermanent  JSON, but not what the pipeline promises: a field that is missing or of another
//               type (named by its pointer), a negative total, nesting past limits.depth_max
base::Result<PageFacts> read_page(std::string_view body, const spec::Extract& extract);

}  // namespace ashore::extract
