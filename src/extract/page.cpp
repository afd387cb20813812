// Reads a page's envelope and turns its ids into digests.
#include "extract/page.h"

#include <algorithm>

#include "base/digest.h"
#include "config/nearest_name.h"
#include "json/envelope.h"
#include "json/validate.h"

namespace ashore::extract {

using base::Result;

namespace {

json::EnvelopePaths paths_of(const config::Extract& extract) {
  json::EnvelopePaths paths;
  paths.items = extract.items.at;
  paths.id = extract.items.id;
  paths.total = extract.items.total;
  paths.page_count = extract.items.page_count;
  paths.more = extract.items.more;
  paths.absent_items_are_none = extract.items.absent_means_none;
  if (const auto* const next = pointer_to_next(extract.pages)) {
    (extract.pages.last_item ? paths.last_item : paths.next) = *next;
  }
  return paths;
}

IdDigest digest_of(const std::string& id) {
  const auto digest = base::sha256(id);
  IdDigest front;
  std::copy_n(digest.begin(), front.size(), front.begin());
  return front;
}

base::Status check_not_negative(const std::optional<std::int64_t>& number,
                                const std::optional<json::Pointer>& at) {
  if (number.value_or(0) >= 0) return {};
  return base::permanent("field is negative: " + at->to_string() + ": " + std::to_string(*number));
}

base::Status check_more(std::string_view body, const json::Envelope& envelope,
                        const config::Extract& extract) {
  if (!extract.items.more || envelope.more || extract.pages.absent_means_end) return {};
  return missing_key("the answer does not say whether another page follows",
                     {.key = "items.more",
                      .pointer = *extract.items.more,
                      .found = json::keys_near(body, *extract.items.more)});
}

}  // namespace

const json::Pointer* pointer_to_next(const config::Pages& pages) {
  if (pages.style == config::PageStyle::kNext) return &*pages.next;
  if (pages.style != config::PageStyle::kCursor) return nullptr;
  return pages.last_item ? &*pages.last_item : &*pages.cursor;
}

base::Error missing_key(std::string what, const MissingKey& missing) {
  what += ": nothing lies at '" + missing.pointer.to_string() + "' (" + missing.key + ")";
  std::string remedy = "Compare " + missing.key + " with an answer of the source.";
  if (!missing.found.empty() && !missing.pointer.is_root()) {
    remedy = config::suggestion(missing.pointer.tokens().back(), missing.found) + " " + remedy;
  }
  if (!missing.way_out.empty()) remedy += " " + std::string(missing.way_out);
  return base::permanent(std::move(what)).with_remedy(std::move(remedy));
}

Result<PageFacts> read_page(std::string_view body, const config::Extract& extract) {
  TRY(auto envelope,
      json::scan_page(body, {.depth_max = extract.limits.depth_max}, paths_of(extract)));
  TRY(check_not_negative(envelope.total, extract.items.total));
  TRY(check_not_negative(envelope.page_count, extract.items.page_count));
  TRY(check_more(body, envelope, extract));
  PageFacts facts;
  facts.items = envelope.items_count;
  if (envelope.are_items_absent) {
    facts.keys_without_items = json::keys_near(body, extract.items.at);
  }
  for (const auto& id : envelope.ids) facts.ids.push_back(digest_of(id));
  facts.total = envelope.total;
  facts.page_count = envelope.page_count;
  facts.next = std::move(envelope.next);
  facts.next_kind = envelope.next_kind;
  if (extract.items.more) facts.more = envelope.more.value_or(false);
  if (extract.items.id) {
    facts.without_id = facts.items - static_cast<std::int64_t>(facts.ids.size());
  }
  if (facts.without_id > 0) facts.keys_of_item = json::keys_of_first_item(body, extract.items.at);
  const auto* const next = pointer_to_next(extract.pages);
  if (next != nullptr && facts.next_kind == json::NextKind::kAbsent) {
    facts.keys_near_next = extract.pages.last_item
                               ? json::keys_of_first_item(body, extract.items.at)
                               : json::keys_near(body, *next);
  }
  return facts;
}

}  // namespace ashore::extract
