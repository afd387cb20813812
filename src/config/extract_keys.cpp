// The keys of extract: how a source is asked.
#include <array>

#include "config/key_sections.h"

namespace ashore::config {

namespace {

constexpr std::array<std::string_view, 2> kMethods = {"GET", "POST"};
constexpr std::array<std::string_view, 5> kWindowFormats = {"iso_millis", "iso_seconds", "date",
                                                            "unix_seconds", "unix_millis"};
constexpr std::array<std::string_view, 6> kPageStyles = {"number", "offset", "cursor",
                                                         "next",   "link",   "none"};
constexpr std::array<std::string_view, 2> kRepeats = {"fail", "keep"};
constexpr std::array<std::string_view, 1> kNone = {"none"};

// Ranges are checked by the reader and repeated by the schema for editors.
Section extract_section() {
  return {
      "extract",
      "'extract'",
      {{.name = "request",
        .shape = Shape::kSection,
        .meaning = "what is asked for",
        .default_text = "required",
        .of = "request"},
       {.name = "lookup",
        .shape = Shape::kSection,
        .meaning = "asks for items by id: what the window's answer lacks",
        .of = "lookup"},
       {.name = "window",
        .shape = Shape::kSection,
        .meaning = "which items a run with dates asks for; the request must use "
                   "`${window.start}` or `${window.end}`",
        .of = "window"},
       {.name = "pages",
        .shape = Shape::kSection,
        .meaning = "how one comes from page to page",
        .of = "pages"},
       {.name = "items",
        .shape = Shape::kSection,
        .meaning = "where things lie in an answer; what is named is checked in every one",
        .of = "items"},
       {.name = "auth",
        .shape = Shape::kSection,
        .meaning = "how we show who we are",
        .default_text = "`none`",
        .choices = kNone,
        .of = "auth",
        .or_shape = Shape::kChoice},
       {.name = "retry",
        .shape = Shape::kSection,
        .meaning = "when a request is sent again",
        .of = "retry"},
       {.name = "rate", .shape = Shape::kSection, .meaning = "how often one may ask", .of = "rate"},
       {.name = "limits",
        .shape = Shape::kSection,
        .meaning = "what no run may exceed",
        .of = "limits"}}};
}

Section request_section() {
  return {"request",
          "'request'",
          {{.name = "method",
            .shape = Shape::kChoice,
            .meaning = "`GET` or `POST`",
            .default_text = "`GET`",
            .choices = kMethods},
           {.name = "path", .meaning = "behind the source's url", .default_text = "required"},
           {.name = "headers", .shape = Shape::kPairs, .meaning = "texts by name"},
           {.name = "query",
            .shape = Shape::kPairs,
            .meaning = "parameters; one that resolves to nothing is left out"},
           {.name = "body", .shape = Shape::kJson, .meaning = "JSON, with `POST` only"}}};
}

Section lookup_section() {
  auto section = request_section();
  section.name = "lookup";
  section.title = "'lookup'";
  for (auto& key : section.keys) key.default_text = "the request's";
  return with_keys(std::move(section),
                   {{.name = "keys_max",
                     .shape = Shape::kInteger,
                     .meaning = "how many ids are asked for at once; `${keys}` "
                                "stands for them. As many as the source takes in one request",
                     .default_text = "100",
                     .min = 1,
                     .max = 100'000}});
}

Section window_section() {
  return {"window",
          "'window'",
          {{.name = "column",
            .shape = Shape::kColumn,
            .meaning = "a timestamp or date column of a table from items; by it published rows "
                       "lie in a window",
            .default_text = "required"},
           {.name = "format",
            .shape = Shape::kChoice,
            .meaning = "how the source takes the ends: `iso_millis` (`2022-11-01T00:00:00.000Z`), "
                       "`iso_seconds`, `date`, `unix_seconds`, `unix_millis`",
            .default_text = "`iso_millis`",
            .choices = kWindowFormats},
           {.name = "lookback",
            .shape = Shape::kDuration,
            .meaning = "how far `--widen` takes the start back: as long as the source may still "
                       "change an item, or show it late",
            .default_text = "`0s`"},
           {.name = "lookahead",
            .shape = Shape::kDuration,
            .meaning =
                "how far it takes the end forward: for dates that lie ahead, such as planned ones",
            .default_text = "`0s`"}}};
}

Section pages_section() {
  return {"pages",
          "'pages'",
          {{.name = "by",
            .shape = Shape::kChoice,
            .meaning = "the style; see below",
            .default_text = "required",
            .choices = kPageStyles},
           {.name = "size",
            .shape = Shape::kInteger,
            .meaning = "`${limit}`, 1 to 1,000,000: the most that the source allows makes the "
                       "fewest requests, as long as a body stays below `limits.body`",
            .default_text = "100",
            .min = 1,
            .max = 1'000'000},
           {.name = "first",
            .shape = Shape::kInteger,
            .meaning = "by `number`: the first page's",
            .default_text = "1",
            .max = 1'000'000'000},
           {.name = "cursor",
            .shape = Shape::kPointer,
            .meaning = "by `cursor`: where the next one lies in a body; or `{last_item: /id}`",
            .default_text = "required there",
            .or_shape = Shape::kSection,
            .or_of = "cursor"},
           {.name = "next",
            .shape = Shape::kPointer,
            .meaning = "by `next`: where the next page's link lies in a body",
            .default_text = "required there"},
           {.name = "parallel",
            .shape = Shape::kInteger,
            .meaning = "pages in flight at once, 1 to 64; more than one only where the pages are "
                       "known beforehand: by `number` or `offset` with `items.total` or "
                       "`items.page_count`. Fewer where the source answers 429",
            .default_text = "4 there, else 1",
            .min = 1,
            .max = 64},
           {.name = "absent_means_end",
            .shape = Shape::kBoolean,
            .meaning = "by `cursor`, `next` and `link`: an answer that does not name a next page "
                       "at all is the last one, also if it is the first",
            .default_text = "`false`"},
           {.name = "verify",
            .shape = Shape::kBoolean,
            .meaning = "the source is read until two readings in succession have the same ids, 3 "
                       "at most; needs `items.id`",
            .default_text = "`false`"}}};
}

Section cursor_section() {
  return {"cursor",
          "'cursor'",
          {{.name = "last_item",
            .shape = Shape::kPointer,
            .meaning = "where the value lies in a page's last item",
            .default_text = "required"}}};
}

Section items_section() {
  return {
      "items",
      "'items'",
      {{.name = "at",
        .shape = Shape::kPointer,
        .meaning = "the array of items in a body",
        .default_text = "`\"\"`: the body is the array"},
       {.name = "id",
        .shape = Shape::kPointer,
        .meaning = "an item's id: every item has one, and none comes twice"},
       {.name = "repeats",
        .shape = Shape::kChoice,
        .meaning = "`fail`, or `keep` for a source that itself gives an item more than once: "
                   "then ids may come twice, and items are counted",
        .default_text = "`fail`",
        .choices = kRepeats},
       {.name = "total", .shape = Shape::kPointer, .meaning = "how many items there are in all"},
       {.name = "page_count", .shape = Shape::kPointer, .meaning = "how many pages there are"},
       {.name = "more",
        .shape = Shape::kPointer,
        .meaning = "true where another page follows, false on the last"},
       {.name = "absent_means_none",
        .shape = Shape::kBoolean,
        .meaning = "an answer with null at `at`, or without that key, has no items (nor a `total` "
                   "or `page_count`, where they are left out too), unless it has an `error` or "
                   "`errors`: some sources leave empty lists out",
        .default_text = "`false`"}}};
}

std::vector<Section> auth_sections() {
  return {
      {"auth",
       "'auth'",
       {{.name = "bearer", .meaning = "a token: `\"${API_TOKEN}\"`"},
        {.name = "basic", .shape = Shape::kSection, .meaning = "user and password", .of = "basic"},
        {.name = "api_key",
         .shape = Shape::kSection,
         .meaning = "a key in a header or in the query",
         .of = "api_key"}}},
      {"basic",
       "'basic'",
       {{.name = "user", .meaning = "without `:`", .default_text = "required"},
        {.name = "password", .meaning = "from the environment", .default_text = "required"}}},
      {"api_key",
       "'api_key'",
       {{.name = "header", .meaning = "the header's name, or"},
        {.name = "query", .meaning = "the parameter's name"},
        {.name = "value", .meaning = "from the environment", .default_text = "required"}}}};
}

Section retry_section() {
  return {"retry",
          "'retry'",
          {{.name = "attempts",
            .shape = Shape::kInteger,
            .meaning = "of one request, the first included; 1 to 20",
            .default_text = "5",
            .min = 1,
            .max = 20},
           {.name = "first_wait",
            .shape = Shape::kDuration,
            .meaning = "back-off doubles from here, with jitter",
            .default_text = "500ms"},
           {.name = "wait_max",
            .shape = Shape::kDuration,
            .meaning = "up to here",
            .default_text = "30s"},
           {.name = "retry_after_max",
            .shape = Shape::kDuration,
            .meaning = "a longer wait that the source asks for (`Retry-After`; at a rate limit "
                       "`X-RateLimit-Reset`, `RateLimit-Reset`) fails the request, naming the time",
            .default_text = "120s"},
           {.name = "statuses",
            .shape = Shape::kIntegers,
            .meaning = "retried besides 408, 425, 429, 5xx, 403 with `Retry-After` or with nothing "
                       "left in `X-RateLimit-Remaining`, and 202 without the promised answer",
            .min = 400,
            .max = 499}}};
}

Section rate_section() {
  return {"rate",
          "'rate'",
          {{.name = "requests_per_second",
            .shape = Shape::kNumber,
            .meaning = "over all pages in flight; 0.001 to 100,000: what the source's terms allow, "
                       "less what others use of it. Without `rate`: no limit",
            .default_text = "required",
            .max = 100'000},
           {.name = "shared",
            .shape = Shape::kBoolean,
            .meaning = "the rate is that of all shards of a landing together (`ashore shards`): "
                       "each takes its part, by the plan's `concurrency`",
            .default_text = "`false`"}}};
}

Section limits_section() {
  return {"limits",
          "'limits'",
          {{.name = "body",
            .shape = Shape::kBytes,
            .meaning = "a body's bytes; at most an eighth of `--memory`, since some bodies are "
                       "held at once. Ask for smaller pages rather than raise it",
            .default_text = "an eighth of `--memory`"},
           {.name = "redirects",
            .shape = Shape::kInteger,
            .meaning = "0 to 50",
            .default_text = "5",
            .max = 50},
           {.name = "connect_timeout",
            .shape = Shape::kDuration,
            .meaning = "until a connection stands; across continents it takes less than a second",
            .default_text = "10s"},
           {.name = "request_timeout",
            .shape = Shape::kDuration,
            .meaning = "of one request, redirects included: above the source's slowest answer, "
                       "since what is cut is asked for again",
            .default_text = "60s"},
           {.name = "run_timeout",
            .shape = Shape::kDuration,
            .meaning = "of a whole extract: below the time between two runs of a schedule",
            .default_text = "6h"},
           {.name = "pages",
            .shape = Shape::kInteger,
            .meaning = "a run's pages; it ends a source whose pages never end",
            .default_text = "100,000",
            .min = 1,
            .max = 100'000'000},
           {.name = "depth",
            .shape = Shape::kInteger,
            .meaning = "of nesting in a body; 1 to 1,024",
            .default_text = "512",
            .min = 1,
            .max = 1'024}}};
}

}  // namespace

std::vector<Section> extract_sections() {
  std::vector<Section> all = {extract_section(), request_section(), lookup_section(),
                              window_section(),  pages_section(),   cursor_section(),
                              items_section()};
  for (auto& section : auth_sections()) all.push_back(std::move(section));
  for (auto& section : {retry_section(), rate_section(), limits_section()}) all.push_back(section);
  return all;
}

}  // namespace ashore::config
