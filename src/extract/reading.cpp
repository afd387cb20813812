// Fetches the first page, then the planned rest in parallel or one after another.
#include "extract/reading.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/digest.h"
#include "base/parallel.h"
#include "extract/paginator.h"

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

base::Error too_many_pages(std::int64_t pages_max) {
  return base::permanent("the source has more pages than limits.pages allows: " +
                         std::to_string(pages_max))
      .with_remedy("Ask for a smaller window or larger pages, or raise limits.pages.");
}

constexpr std::string_view kAbsentMeansEnd =
    "If this API leaves it out where there is only one page, say pages: {absent_means_end: true}.";

// What two readings are compared by. Envelopes may hold times or request ids, so where there are
// ids the body does not count.
std::string facts_sha256(const PageFacts& facts, const std::string& body_sha256, bool has_ids) {
  if (!has_ids) return body_sha256;
  std::string bytes;
  for (const auto& id : facts.ids) bytes.append(id.begin(), id.end());
  for (const auto& number : {std::optional(facts.items), facts.total, facts.page_count}) {
    bytes += "/" + (number ? std::to_string(*number) : std::string());
  }
  return base::to_hex(base::sha256(bytes));
}

// What all pages of one reading share.
class Reader {
 public:
  Reader(const ReadingLimits& limits, Fetcher& fetcher, Attempt& attempt,
         const state::RunContext& context)
      : limits_(limits),
        fetcher_(fetcher),
        attempt_(attempt),
        events_(context.events),
        origins_(std::make_unique<PageOrigins>(context.env.store)),
        completeness_(limits.extract.items.repeats, limits.ids) {}

  Result<Reading> read(const std::stop_token& stop) {
    const config::Pages& pages = limits_.extract.pages;
    if (limits_.range) {
      TRY(read_range(*limits_.range, stop));
      return finish();
    }
    const PageRequest first = first_page(pages);
    TRY(auto answer, fetcher_.fetch(first, attempt_, stop));
    const std::int64_t first_bytes = static_cast<std::int64_t>(answer.body.size());
    planned_ = pages_planned(pages, answer.facts);
    if (planned_.value_or(1) > limits_.extract.limits.pages_max) {
      return too_many_pages(limits_.extract.limits.pages_max);
    }
    TRY(land(1, answer));
    answer.body = {};
    ways_.insert(answer.url);
    if (planned_) {
      end_ = End::kTotal;
      TRY(read_planned({2, page_size(pages, answer.facts), first_bytes}, stop));
    } else {
      TRY(read_in_sequence(first, std::move(answer), stop));
    }
    return finish();
  }

 private:
  // The planned pages that are left to read.
  struct Rest {
    std::int64_t first;
    std::int64_t size;   // page_size()
    std::int64_t bytes;  // of a page, about
  };

  // Threads: one call at a time for each page; safe for several pages at once.
  Status land(std::int64_t number, const Answer& answer) {
    LandedPage page{.items = answer.facts.items,
                    .bytes = static_cast<std::int64_t>(answer.body.size()),
                    .sha256 = base::to_hex(base::sha256(answer.body)),
                    .facts_sha256 = {},
                    .origin = {}};
    page.facts_sha256 =
        facts_sha256(answer.facts, page.sha256, limits_.extract.items.id.has_value());
    const auto same = limits_.before.page_like(answer.body, page.sha256);
    page.is_reused = !same.empty() && attempt_.link_page(number, same).ok();
    if (!page.is_reused) TRY(attempt_.write_page(number, answer.body));
    events_.emit(base::PageLanded{
        .page = number, .pages_total = planned_, .bytes = page.bytes, .items = page.items});
    const auto origin = state::origin_text(answer.origin);
    const std::lock_guard lock(mutex_);
    TRY(page.origin, origins_->add(origin));
    if (!incomplete_) incomplete_ = completeness_.add(number, answer.facts);
    if (keys_of_item_.empty()) keys_of_item_ = answer.facts.keys_of_item;
    if (!keys_without_items_) keys_without_items_ = answer.facts.keys_without_items;
    const bool is_last = number == planned_ && !limits_.range;
    if (is_last && answer.facts.more == true && !incomplete_) {
      incomplete_ =
          Incomplete{"page " + std::to_string(number) +
                         " is the last by the source's totals and says that another follows",
                     Fault::kDoesNotAddUp};
    }
    const auto index = static_cast<std::size_t>(number - first_number_);
    if (pages_.size() <= index) pages_.resize(index + 1);
    pages_[index] = std::move(page);
    return {};
  }

  [[nodiscard]] bool is_incomplete() {
    const std::lock_guard lock(mutex_);
    return incomplete_.has_value();
  }

  [[nodiscard]] int threads_for(std::int64_t page_bytes) const {
    const std::int64_t fitting = limits_.memory_bytes / 2 / std::max<std::int64_t>(page_bytes, 1);
    const auto wished = static_cast<std::int64_t>(limits_.extract.pages.parallel);
    return static_cast<int>(
        std::clamp<std::int64_t>(fitting, 1, std::max<std::int64_t>(wished, 1)));
  }

  Status read_range(const state::PageRange& range, const std::stop_token& stop) {
    if (range.last > limits_.extract.limits.pages_max) {
      return too_many_pages(limits_.extract.limits.pages_max);
    }
    first_number_ = range.first;
    planned_ = range.last;
    end_ = End::kTotal;
    const auto first = planned_page(limits_.extract.pages, range.items, range.first);
    TRY(auto answer, fetcher_.fetch(first, attempt_, stop));
    TRY(land(range.first, answer));
    const auto bytes = static_cast<std::int64_t>(answer.body.size());
    answer.body = {};
    return read_planned({range.first + 1, range.items, bytes}, stop);
  }

  Status read_planned(const Rest& pages, const std::stop_token& stop) {
    // The first failure stops the other pages' waiting, too.
    std::stop_source rest;
    const std::stop_callback pass_on(stop, [&] { rest.request_stop(); });
    std::optional<base::Error> failure;  // guarded by mutex_
    const auto fetch_one = [&](std::size_t index) -> Status {
      const auto number = static_cast<std::int64_t>(index) + pages.first;
      auto status = fetch_planned(pages.size, number, rest.get_token());
      if (!status.ok() || is_incomplete()) {
        const std::lock_guard lock(mutex_);
        if (!status.ok() && !failure && !rest.stop_requested()) failure = status.error();
        rest.request_stop();
      }
      return status;
    };
    auto status = base::for_each_index(static_cast<std::size_t>(*planned_ - pages.first + 1),
                                       threads_for(pages.bytes), fetch_one, rest.get_token());
    if (status.ok()) return {};
    if (failure) return *failure;
    if (incomplete_ && !stop.stop_requested()) return {};
    return status;
  }

  Status fetch_planned(std::int64_t size, std::int64_t number, const std::stop_token& stop) {
    const auto request = planned_page(limits_.extract.pages, size, number);
    TRY(const auto answer, fetcher_.fetch(request, attempt_, stop));
    return land(number, answer);
  }

  Status read_in_sequence(PageRequest current, Answer answer, const std::stop_token& stop) {
    while (!is_incomplete() && !notes_repetition(current)) {
      if (answer.facts.next_kind != json::NextKind::kAbsent) has_seen_next_ = true;
      TRY(auto step,
          page_after(limits_.extract.pages, current, seen_on(answer), fetcher_.source_url())
              .within("page " + std::to_string(current.number)));
      if (step.contradiction) {
        note_contradiction(current.number, *step.contradiction, answer.facts);
        break;
      }
      if (!step.next) return prove_end(step.end, answer);
      const bool is_known_way = !notes_way(*step.next);
      if (completeness_.is_at_total() && (is_known_way || answer.facts.items == 0)) {
        end_ = End::kTotal;  // a scroll id stays the same, behind the last item too
        break;
      }
      if (is_known_way && leads_back(current.number, answer.facts)) break;
      if (step.next->number > limits_.extract.limits.pages_max) {
        return too_many_pages(limits_.extract.limits.pages_max);
      }
      current = std::move(*step.next);
      TRY(answer, fetcher_.fetch(current, attempt_, stop));
      TRY(land(current.number, answer));
      answer.body = {};  // the next one is not held beside it
    }
    return {};
  }

  static PageSeen seen_on(const Answer& answer) {
    return {.facts = answer.facts, .url = answer.url, .link_header = answer.link_header};
  }

  // A source that ignores ${page} or ${offset} gives the same page forever.
  bool notes_repetition(const PageRequest& current) {
    if (pages_.size() < 2 || !(current.page || current.offset)) return false;
    const LandedPage& last = pages_.back();
    if (last.items == 0 || last.sha256 != pages_[pages_.size() - 2].sha256) return false;
    incomplete_ =
        Incomplete{"page " + std::to_string(current.number) + " is the same as the page before it",
                   limits_.extract.items.id ? Fault::kRepeats : Fault::kDoesNotAddUp};
    return true;
  }

  // False where the cursor or link was followed before.
  bool notes_way(const PageRequest& next) {
    const auto& way = next.url ? next.url : next.cursor;
    return !way || ways_.insert(*way).second;
  }

  // A cursor may come again: then the page that gave it must have brought something new, or the
  // reading would go round in a circle.
  bool leads_back(std::int64_t number, const PageFacts& facts) {
    const bool has_ids = limits_.extract.items.id.has_value();
    for (; bodies_noted_ + 1 < pages_.size(); ++bodies_noted_) {
      bodies_.insert(pages_[bodies_noted_].sha256);
    }
    const bool is_new = facts.items > 0 && (has_ids ? completeness_.last_page_brought_new_id()
                                                    : !bodies_.contains(pages_.back().sha256));
    if (is_new) return false;
    incomplete_ =
        Incomplete{"page " + std::to_string(number) +
                       " leads back to a page that was read before and brings nothing new",
                   has_ids ? Fault::kRepeats : Fault::kDoesNotAddUp};
    return true;
  }

  void note_contradiction(std::int64_t number, const std::string& why, const PageFacts& facts) {
    incomplete_ = Incomplete{"page " + std::to_string(number) + " " + why + keys_there(facts),
                             Fault::kDoesNotAddUp};
  }

  // "; at '/nxt' lies nothing, there are: next, total", where a place was never there.
  [[nodiscard]] std::string keys_there(const PageFacts& facts) const {
    const auto* const pointer = pointer_to_next(limits_.extract.pages);
    if (pointer == nullptr || has_seen_next_ || facts.keys_near_next.empty()) return "";
    std::string text = "; nothing lies at '" + pointer->to_string() + "', there are:";
    for (const auto& key : facts.keys_near_next) text += " " + key;
    return text;
  }

  // Whether the envelope tells by itself that this was all.
  [[nodiscard]] bool has_witness() const {
    const auto& items = limits_.extract.items;
    return items.total || items.page_count || items.more;
  }

  Status prove_end(End end, const Answer& answer) {
    const config::Pages& pages = limits_.extract.pages;
    end_ = end;
    if (end == End::kLink) return prove_link(answer);
    if (end == End::kUnsaid && has_witness()) end_ = End::kTotal;
    if (end != End::kAbsent || has_seen_next_) return {};
    if (has_witness()) {
      never_seen_ = keys_there(answer.facts);
      end_ = End::kTotal;
      return {};
    }
    if (pages.absent_means_end) return {};
    TRY(const bool was_seen, limits_.next_was_seen());
    if (was_seen) return {};
    const auto* const pointer = pointer_to_next(pages);
    const bool is_cursor = pages.style == config::PageStyle::kCursor;
    return missing_key("no page says where the next one is",
                       {.key = is_cursor ? "pages.cursor" : "pages.next",
                        .pointer = *pointer,
                        .found = answer.facts.keys_near_next,
                        .way_out = kAbsentMeansEnd})
        .within("page 1");
  }

  // A full first page without any Link header is no proof: a proxy may have taken it away.
  Status prove_link(const Answer& answer) {
    const config::Pages& pages = limits_.extract.pages;
    const bool is_proven = pages_.size() > 1 || has_witness() || pages.absent_means_end ||
                           has_link_header(answer) || answer.facts.items < pages.size;
    if (is_proven) return {};
    return base::permanent("page 1 is full (" + std::to_string(answer.facts.items) +
                           " items) and has no Link header, which pages.by says leads on")
        .with_remedy(
            "See which headers the API sends, and that pages.size is what it is asked "
            "for. If this API sends none where there is only one page, say "
            "pages: {absent_means_end: true}.");
  }

  static bool has_link_header(const Answer& answer) {
    return std::ranges::any_of(answer.origin.headers,
                               [](const auto& header) { return header.first == "link"; });
  }

  Result<Reading> finish() {
    TRY(completeness_.status());
    if (!incomplete_ && completeness_.has_no_ids()) {
      return missing_key(
          "no item has an id",
          {.key = "items.id", .pointer = *limits_.extract.items.id, .found = keys_of_item_});
    }
    if (!incomplete_ && keys_without_items_ && completeness_.items() == 0) warn_of_no_items();
    Reading reading;
    if (!incomplete_) {
      incomplete_ = limits_.range ? completeness_.finish_part() : completeness_.finish(!planned_);
    }
    if (incomplete_) incomplete_->why += never_seen_;
    reading.items = completeness_.items();
    reading.total = completeness_.total();
    reading.incomplete = std::move(incomplete_);
    reading.end = end_;
    reading.ids_sha256 = completeness_.ids_sha256();
    reading.pages = std::move(pages_);
    reading.origins = std::move(origins_);
    return reading;
  }

  // An empty answer looks the same as a place that is misspelt.
  void warn_of_no_items() {
    std::string text = "no answer has items at '" + limits_.extract.items.at.to_string() +
                       "', which counts as none (items.absent_means_none)";
    if (!keys_without_items_->empty()) text += "; there are:";
    for (const auto& key : *keys_without_items_) text += " " + key;
    events_.emit(base::Warned{std::move(text)});
  }

  const ReadingLimits& limits_;
  Fetcher& fetcher_;
  Attempt& attempt_;
  base::EventSink& events_;
  std::int64_t first_number_ = 1;           // of the pages; set before the threads start
  std::optional<std::int64_t> planned_;     // the last of them; likewise
  std::unordered_set<std::string> ways_;    // cursors and links followed; one thread
  std::unordered_set<std::string> bodies_;  // digests of pages_[0, bodies_noted_); one thread
  std::size_t bodies_noted_ = 0;
  bool has_seen_next_ = false;  // some page names the next one, be it as null
  std::string never_seen_;      // no page does: for the message, where the sum is wrong
  End end_ = End::kUnsaid;

  std::mutex mutex_;  // guards what follows while pages are in flight
  std::unique_ptr<PageOrigins> origins_;
  Completeness completeness_;
  std::optional<Incomplete> incomplete_;
  std::vector<LandedPage> pages_;
  std::vector<std::string> keys_of_item_;                       // of the first item without an id
  std::optional<std::vector<std::string>> keys_without_items_;  // of the first page without any
};

}  // namespace

Result<Reading> read_source(const ReadingLimits& limits, Fetcher& fetcher, Attempt& attempt,
                            const state::RunContext& context) {
  return Reader(limits, fetcher, attempt, context).read(context.stop);
}

}  // namespace ashore::extract
