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
  std::optional<Pointer> more = {};
  std::optional<Pointer> last_item = {};  // in the last item: what the next page is asked by
  // Null where the items should be, or an object that lacks the key, holds none of them; counts
  // that are absent too are 0. Not where the body has an error of its own (`error`, `errors`).
  bool absent_items_are_none = false;
};

// What lies where the next cursor or link was looked for.
enum class NextKind { kAbsent, kNull, kEmpty, kValue };

struct Envelope {
  std::int64_t items_count = 0;
  bool are_items_absent = false;  // EnvelopePaths::absent_items_are_none
  // The exact JSON text of each item's id; items whose id is absent or null have none.
  std::vector<std::string> ids;
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> page_count;
  std::optional<std::string> next;  // a text or number; nothing for null, absent and ""
  NextKind next_kind = NextKind::kAbsent;
  std::optional<bool> more;  // nothing where it is absent
};

// Pure. Precondition: validate() accepted the body. An object where the items should be is one
// item. kPermanent: a declared field is missing or of another type; it is named by its pointer.
// kTransient: an object on the way to a declared field has its key twice, so that readers would
// differ about what it says.
// `next` and `more` may be missing; where `last_item` is asked for, `next` is its value, absent
// where there are no items.
base::Result<Envelope> read_envelope(std::string_view body, const EnvelopePaths& paths);

// Pure. Whether the body is an object whose `error` or `errors` says something: neither null,
// false, 0, nor empty.
bool has_own_error(std::string_view body);

// Pure. The keys of the innermost object on the way to `pointer` that is there, in its order, at
// most 30 of them; empty where that is no object. For messages about a value that is missing.
std::vector<std::string> keys_near(std::string_view body, const Pointer& pointer);

// Pure. The keys of the first item, at most 30; empty where there is none or it is no object.
std::vector<std::string> keys_of_first_item(std::string_view body, const Pointer& items);

}  // namespace ashore::json
