// Reads what a page says of itself: how many items, which ids, how many in all, what comes next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/pointer.h"

namespace ashore::json {

// Where things lie in a body; `id` lies in an item.
struct EnvelopePaths {
  Pointer items;
  std::optional<Pointer> id;
  std::optional<Pointer> total;
  std::optional<Pointer> page_count;
  std::optional<Pointer> next;
};

struct Envelope {
  std::int64_t items_count = 0;
  // The exact JSON text of each item's id; items whose id is absent or null have none.
  std::vector<std::string> ids;
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> page_count;
  std::optional<std::string> next;  // a text or number; nothing for null, absent and ""
};

// Pure. Precondition: validate() accepted the body. An object where the items should be is one
// item. kPermanent: a declared field is missing or of another type; it is named by its pointer.
base::Result<Envelope> read_envelope(std::string_view body, const EnvelopePaths& paths);

}  // namespace ashore::json
