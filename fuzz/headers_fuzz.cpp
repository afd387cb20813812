// Link and Retry-After headers.
#include "extract/link_header.h"
#include "extract/retry.h"
#include "target.h"

namespace ashore::fuzz {

void headers(std::string_view bytes) {
  const std::string text(bytes);
  const auto link = extract::next_link({{"link", text}});
  if (link) must(text.find(*link) != std::string::npos, "a link is part of its header");
  const auto now = base::timestamp_of_micros(1'667'260'800'000'000);
  const auto wait = extract::parse_retry_after(text, now);
  if (wait) must(wait->count() >= 0, "no wait is negative");
}

}  // namespace ashore::fuzz
