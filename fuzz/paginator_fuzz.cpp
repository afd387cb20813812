// The next page: behind this one, and never at another host.
#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>

#include "extract/paginator.h"
#include "target.h"

namespace ashore::fuzz {

namespace {

// The next `count` bytes as a number.
std::int64_t take_number(std::string_view* bytes, std::size_t count) {
  std::int64_t value = 0;
  for (const char byte : bytes->substr(0, count)) {
    value = value * 256 + static_cast<unsigned char>(byte);
  }
  bytes->remove_prefix(std::min(count, bytes->size()));
  return value;
}

constexpr std::string_view kSource = "https://shop.test/api";

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

// As the library reads it that will fetch it.
bool is_at_source(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return true;
  auto host = part_of(url.get(), CURLUPART_HOST);
  for (char& character : host) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
  }
  return host == "shop.test" && part_of(url.get(), CURLUPART_SCHEME) == "https" &&
         part_of(url.get(), CURLUPART_PORT) == "443";
}

}  // namespace

void paginator(std::string_view bytes) {
  constexpr std::array kStyles = {config::PageStyle::kNumber, config::PageStyle::kOffset,
                                  config::PageStyle::kCursor, config::PageStyle::kNext,
                                  config::PageStyle::kLink,   config::PageStyle::kNone};
  config::Pages pages;
  pages.style = kStyles[static_cast<std::size_t>(take_number(&bytes, 1)) % kStyles.size()];
  pages.size = 1 + take_number(&bytes, 2);
  extract::PageFacts facts;
  const auto flags = take_number(&bytes, 1);
  facts.items = take_number(&bytes, 2);
  if ((flags & 1) != 0) facts.total = take_number(&bytes, 3);
  if ((flags & 2) != 0) facts.page_count = take_number(&bytes, 3);
  if ((flags & 16) != 0) facts.more = (flags & 32) != 0;
  if ((flags & 4) != 0 && !bytes.empty()) facts.next = std::string(bytes);
  const auto planned = extract::pages_planned(pages, facts);
  if (planned) {
    must(*planned >= 1, "at least one page is planned");
    const auto last = extract::planned_page(pages, extract::page_size(pages, facts), *planned);
    must(last.number == *planned, "a planned page has its number");
  }
  extract::PageSeen seen{facts, "https://shop.test/api/orders?page=1", std::nullopt};
  if ((flags & 8) != 0) seen.link_header = std::string(bytes);
  const auto first = extract::first_page(pages);
  const auto next = extract::page_after(pages, first, seen, kSource);
  if (!next.ok() || !next.value().next) return;
  const auto& request = *next.value().next;
  must(request.number == first.number + 1, "pages are numbered one after another");
  if (first.offset && request.offset) must(*request.offset > *first.offset, "an offset grows");
  if (request.url) must(is_at_source(*request.url), "a link stays with the source");
}

}  // namespace ashore::fuzz
