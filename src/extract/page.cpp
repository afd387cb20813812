// Reads a body's envelope with the json room and turns ids into digests.
#include "extract/page.h"

#include <algorithm>

#include "base/digest.h"
#include "json/envelope.h"
#include "json/validate.h"

namespace ashore::extract {

using base::Result;

namespace {

json::EnvelopePaths paths_of(const spec::Extract& extract) {
  json::EnvelopePaths paths;
  paths.items = extract.items.at;
  paths.id = extract.items.id;
  paths.total = extract.items.total;
  paths.page_count = extract.items.page_count;
  if (extract.pages.style == spec::PageStyle::kCursor) paths.next = extract.pages.cursor;
  if (extract.pages.style == spec::PageStyle::kNext) paths.next = extract.pages.next;
  return paths;
}

IdDigest digest_of(const std::string& id) {
  const auto digest = base::sha256(id);
  IdDigest front;
  std::copy_n(digest.begin(), front.size(), front.begin());
  return front;
}

}  // namespace

namespace {

base::Status check_not_negative(const std::optional<std::int64_t>& number,
                                const std::optional<json::Pointer>& at) {
  if (number.value_or(0) >= 0) return {};
  return base::permanent("field is negative: " + at->to_string() + ": " + std::to_string(*number));
}

}  // namespace

Result<PageFacts> read_page(std::string_view body, const spec::Extract& extract) {
  TRY(json::validate(body, {.depth_max = extract.limits.depth_max}));
  TRY(auto envelope, json::read_envelope(body, paths_of(extract)));
  TRY(check_not_negative(envelope.total, extract.items.total));
  TRY(check_not_negative(envelope.page_count, extract.items.page_count));
  PageFacts facts;
  facts.items = envelope.items_count;
  for (const auto& id : envelope.ids) facts.ids.push_back(digest_of(id));
  facts.total = envelope.total;
  facts.page_count = envelope.page_count;
  facts.next = std::move(envelope.next);
  return facts;
}

}  // namespace ashore::extract
