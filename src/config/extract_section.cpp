// Reads how a source is asked: window, pages, items, lookup, retry, rate, limits.
#include <algorithm>
#include <array>

#include "config/auth_section.h"
#include "config/sections.h"

namespace ashore::config {
namespace {

bool uses(const RequestDraft& draft, std::string_view run_value) {
  return std::any_of(draft.run_values.begin(), draft.run_values.end(),
                     [&](const MarkedName& used) { return used.name == run_value; });
}

void read_window(ValueReader& values, const Node& node, Mark where, ExtractDraft& draft) {
  MappingReader section(values, node, section_of("window"), where);
  WindowRule rule;
  if (const auto* const column =
          section.require("column", "Name the time column of the item table.")) {
    if (const auto name = values.name(*column, "'column'")) rule.column = name->name;
    draft.window_column_mark = column->mark;
  }
  if (const auto index = section.take_choice("format")) {
    rule.format = static_cast<WindowFormat>(*index);
  }
  section.take_into("lookback", rule.lookback);
  section.take_into("lookahead", rule.lookahead);
  section.finish();
  draft.extract.window = rule;
}

void read_parallel(MappingReader& section, PageStyle style, Pages& pages, const Items& items) {
  const bool can_know_pages = style == PageStyle::kNumber || style == PageStyle::kOffset;
  const bool knows_pages = can_know_pages && (items.total || items.page_count);
  if (!knows_pages) pages.parallel = 1;
  const auto* const node = section.take("parallel");
  if (node == nullptr) return;
  const auto parallel = section.integer("parallel", *node);
  if (!parallel) return;
  if (*parallel > 1 && !knows_pages) {
    section.values().complain(
        node->mark, "pages cannot be fetched in parallel here",
        can_know_pages ? "Say where the number of items or pages lies: items.total or "
                         "items.page_count; or say 'parallel: 1'."
                       : "Each page of this style is only known from the one before it: say "
                         "'parallel: 1'.");
    return;
  }
  pages.parallel = static_cast<int>(*parallel);
}

// `cursor: /next` or `cursor: {last_item: /id}`.
void read_cursor(MappingReader& section, Pages& pages) {
  const auto* const node =
      section.require("cursor",
                      "Say where it lies in a body, as a JSON Pointer, or {last_item: /id} for a "
                      "value of a page's last item.");
  if (node == nullptr) return;
  if (node->kind != NodeKind::kMapping) return section.take_into("cursor", pages.cursor);
  MappingReader inner(section.values(), *node, section_of("cursor"), section.mark_of("cursor"));
  if (inner.require("last_item", "Say where the value lies in an item, as a JSON Pointer.") !=
      nullptr) {
    inner.take_into("last_item", pages.last_item);
  }
  inner.finish();
}

// Keys that one style needs and the others do not know.
void read_style_keys(MappingReader& section, Pages& pages) {
  if (pages.style == PageStyle::kNumber) section.take_into("first", pages.first);
  if (pages.style == PageStyle::kCursor) read_cursor(section, pages);
  if (pages.style == PageStyle::kNext &&
      section.require("next", "Say where it lies in a body, as a JSON Pointer.") != nullptr) {
    section.take_into("next", pages.next);
  }
  const bool names_next = pages.style == PageStyle::kCursor || pages.style == PageStyle::kNext ||
                          pages.style == PageStyle::kLink;
  if (names_next && !pages.last_item) section.take_into("absent_means_end", pages.absent_means_end);
}

// Two readings can be compared only by ids.
void read_verify(MappingReader& section, Pages& pages, const Items& items) {
  section.take_into("verify", pages.verify);
  if (!pages.verify || items.id) return;
  section.values().complain(section.mark_of("verify"), "readings cannot be compared without ids",
                            "Say where an item's id lies: items.id.");
}

void check_page_value(ValueReader& values, Mark where, PageStyle style,
                      const RequestDraft& request) {
  std::string_view needed;
  if (style == PageStyle::kNumber) needed = "page";
  if (style == PageStyle::kOffset) needed = "offset";
  if (style == PageStyle::kCursor) needed = "cursor";
  if (needed.empty() || uses(request, needed)) return;
  values.complain(where, "the request never says ${" + std::string(needed) + "}",
                  "Without it every page would be the first: use it in path, query, headers or "
                  "body.");
}

void read_pages(ValueReader& values, const Entry& entry, ExtractDraft& draft,
                const RequestDraft& request) {
  MappingReader section(values, entry.value, section_of("pages"), entry.mark);
  auto& pages = draft.extract.pages;
  bool is_known = false;
  if (const auto* const by =
          section.require("by", "Choices: number, offset, cursor, next, link, none.")) {
    const auto index = section.choice("by", *by);
    if (index) pages.style = static_cast<PageStyle>(*index);
    is_known = index.has_value();
  }
  if (!is_known) {  // which keys are valid depends on it, so all are
    for (const auto& key : section_of("pages").keys) (void)section.take(key.name);
    return section.finish();
  }
  section.take_into("size", pages.size);
  read_style_keys(section, pages);
  read_parallel(section, pages.style, pages, draft.extract.items);
  read_verify(section, pages, draft.extract.items);
  section.finish();
  check_page_value(values, entry.mark, pages.style, request);
}

void read_items(ValueReader& values, const Entry& entry, Items& items) {
  MappingReader section(values, entry.value, section_of("items"), entry.mark);
  section.take_into("at", items.at);
  section.take_into("id", items.id);
  section.take_into("total", items.total);
  section.take_into("page_count", items.page_count);
  section.take_into("more", items.more);
  section.take_into("absent_means_none", items.absent_means_none);
  if (const auto* const repeats = section.take("repeats")) {
    const auto index = section.choice("repeats", *repeats);
    if (index) items.repeats = static_cast<Repeats>(*index);
    if (!items.id) {
      values.complain(section.mark_of("repeats"), "'repeats' without 'id'",
                      "Only ids tell which items repeat: say where an item's id lies.");
    }
  }
  section.finish();
}

void read_lookup(ValueReader& values, const Entry& entry, ExtractDraft& draft,
                 const RequestDraft& request) {
  MappingReader section(values, entry.value, section_of("lookup"), entry.mark);
  Lookup lookup;
  const auto asked = read_request(section, &request);
  lookup.request = asked.request;
  section.take_into("keys_max", lookup.keys_max);
  section.finish();
  if (section.is_mapping() && !uses(asked, "keys")) {
    values.complain(entry.mark, "the lookup never says ${keys}",
                    "Say where the keys go, in its path, query, headers or body.");
  }
  draft.extract.lookup = std::move(lookup);
  draft.lookup_mark = entry.mark;
}

// Answers that mean something other than a failure, and refusals that no retry can fix, stay so.
bool may_be_retried(std::int64_t status) {
  return status >= 400 && status != 401 && status != 404 && status != 407;
}

void read_statuses(ValueReader& values, const Node& node, std::vector<int>& statuses) {
  if (node.kind != NodeKind::kList) return values.complain_type(node, "'statuses'", "a list");
  for (const auto& item : node.items) {
    const auto status = values.integer(item, "a status", {100, 599});
    if (!status) continue;
    if (!may_be_retried(*status)) {
      values.complain(item.mark, "this status is never retried: " + shown(item.text),
                      "Name statuses from 400 that pass by themselves: 409, 423.");
    }
    statuses.push_back(static_cast<int>(*status));
  }
}

void read_retry(ValueReader& values, const Entry& entry, Retry& retry) {
  MappingReader section(values, entry.value, section_of("retry"), entry.mark);
  section.take_into("attempts", retry.attempts_max);
  section.take_into("first_wait", retry.first_wait);
  section.take_into("wait_max", retry.wait_max);
  section.take_into("retry_after_max", retry.retry_after_max);
  if (const auto* const statuses = section.take("statuses")) {
    read_statuses(values, *statuses, retry.statuses);
  }
  section.finish();
}

void read_rate(ValueReader& values, const Entry& entry, Rate& rate) {
  MappingReader section(values, entry.value, section_of("rate"), entry.mark);
  if (const auto* const node = section.require("requests_per_second", "Say how many: 10.")) {
    rate.requests_per_second = values.number(*node, "'requests_per_second'");
    constexpr double kLeast = 0.001;
    constexpr double kMost = 100'000;
    const auto number = rate.requests_per_second;
    if (number && (*number < kLeast || *number > kMost)) {
      values.complain_type(*node, "'requests_per_second'", "a number from 0.001 to 100000");
    }
  }
  if (const auto* const node = section.take("shared")) {
    rate.is_shared = values.boolean(*node, "'shared'").value_or(false);
  }
  section.finish();
}

void read_limits(ValueReader& values, const Entry& entry, Limits& limits) {
  MappingReader section(values, entry.value, section_of("limits"), entry.mark);
  if (const auto* const node = section.take("body")) {
    limits.body_bytes_max = values.bytes(*node, "'body'");
    if (limits.body_bytes_max == 0) values.complain_type(*node, "'body'", "at least one byte");
  }
  section.take_into("redirects", limits.redirects_max);
  for (const auto& [key, target] : {std::pair{"connect_timeout", &limits.connect_timeout},
                                    std::pair{"request_timeout", &limits.request_timeout},
                                    std::pair{"run_timeout", &limits.run_timeout}}) {
    const auto before = *target;
    section.take_into(key, *target);
    if (target->count() > 0) continue;
    values.complain(section.mark_of(key), quoted(key) + ": nothing can be done in no time",
                    "Give it a duration above 0.");
    *target = before;
  }
  section.take_into("pages", limits.pages_max);
  section.take_into("depth", limits.depth_max);
  section.finish();
}

// Run values that have no meaning in the extract request.
void check_run_values(ValueReader& values, const RequestDraft& request, bool has_window) {
  for (const auto& used : request.run_values) {
    if (used.name == "keys") {
      values.complain(used.mark, "${keys} exists only in the lookup", "Move it to extract.lookup.");
    } else if (used.name.starts_with("window.") && !has_window) {
      values.complain(used.mark, "${" + used.name + "} without a window",
                      "Say extract.window: {column: ..., format: ...}.");
    }
  }
}

}  // namespace

ExtractDraft read_extract(ValueReader& values, const Entry& entry) {
  ExtractDraft draft;
  auto& extract = draft.extract;
  MappingReader section(values, entry.value, section_of("extract"), entry.mark);
  const auto with = [&](std::string_view key, const auto& read) {
    if (const auto* const node = section.take(key)) read(Entry{"", section.mark_of(key), *node});
  };
  RequestDraft request;
  if (section.require("request", "Say at least {path: /...}.") != nullptr) {
    with("request", [&](const Entry& found) {
      MappingReader inner(values, found.value, section_of("request"), found.mark);
      request = read_request(inner, nullptr);
      inner.finish();
    });
  }
  extract.request = request.request;
  with("items", [&](const Entry& found) { read_items(values, found, extract.items); });
  with("window", [&](const Entry& found) { read_window(values, found.value, found.mark, draft); });
  with("pages", [&](const Entry& found) { read_pages(values, found, draft, request); });
  with("lookup", [&](const Entry& found) { read_lookup(values, found, draft, request); });
  with("auth", [&](const Entry& found) { extract.auth = read_auth(values, found); });
  with("retry", [&](const Entry& found) { read_retry(values, found, extract.retry); });
  with("rate", [&](const Entry& found) { read_rate(values, found, extract.rate); });
  with("limits", [&](const Entry& found) { read_limits(values, found, extract.limits); });
  section.finish();
  check_run_values(values, request, extract.window.has_value());
  if (extract.window && !uses(request, "window.start") && !uses(request, "window.end")) {
    values.complain(section.mark_of("window"),
                    "the request says neither ${window.start} nor ${window.end}",
                    "Use them in the request, or remove 'window'.");
  }
  return draft;
}

}  // namespace ashore::config
