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
  return base::permanent("the source has more pages than limits.pages_max allows: " +
                         std::to_string(pages_max))
      .with_remedy("Ask for a smaller window or larger pages, or raise limits.pages_max.");
}

// What all pages of one reading share.
class Reader {
 public:
  Reader(const ReadingLimits& limits, Fetcher& fetcher, Attempt& attempt, base::EventSink& events)
      : limits_(limits), fetcher_(fetcher), attempt_(attempt), events_(events) {}

  Result<Reading> read(const std::stop_token& stop) {
    const spec::Pages& pages = limits_.extract.pages;
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
      TRY(read_planned(answer.facts, first_bytes, stop));
    } else {
      TRY(read_in_sequence(first, std::move(answer), stop));
    }
    return finish();
  }

 private:
  // Threads: one call at a time for each page; safe for several pages at once.
  Status land(std::int64_t number, const Answer& answer) {
    LandedPage page{.items = answer.facts.items,
                    .bytes = static_cast<std::int64_t>(answer.body.size()),
                    .sha256 = base::to_hex(base::sha256(answer.body)),
                    .origin = answer.origin};
    const auto same = limits_.before.page_like(answer.body, page.sha256);
    page.is_reused = !same.empty() && attempt_.link_page(number, same).ok();
    if (!page.is_reused) TRY(attempt_.write_page(number, answer.body));
    events_.emit(base::PageLanded{
        .page = number, .pages_total = planned_, .bytes = page.bytes, .items = page.items});
    const std::lock_guard lock(mutex_);
    if (!incomplete_) incomplete_ = completeness_.add(number, answer.facts);
    const auto index = static_cast<std::size_t>(number - 1);
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

  Status read_planned(const PageFacts& first, std::int64_t first_bytes,
                      const std::stop_token& stop) {
    // The first failure stops the other pages' waiting, too.
    std::stop_source rest;
    const std::stop_callback pass_on(stop, [&] { rest.request_stop(); });
    std::optional<base::Error> failure;  // guarded by mutex_
    const auto fetch_one = [&](std::size_t index) -> Status {
      const auto number = static_cast<std::int64_t>(index) + 2;
      auto status = fetch_planned(first, number, rest.get_token());
      if (!status.ok() || is_incomplete()) {
        const std::lock_guard lock(mutex_);
        if (!status.ok() && !failure && !rest.stop_requested()) failure = status.error();
        rest.request_stop();
      }
      return status;
    };
    auto status = base::for_each_index(static_cast<std::size_t>(*planned_ - 1),
                                       threads_for(first_bytes), fetch_one, rest.get_token());
    if (status.ok()) return {};
    if (failure) return *failure;
    if (incomplete_ && !stop.stop_requested()) return {};
    return status;
  }

  Status fetch_planned(const PageFacts& first, std::int64_t number, const std::stop_token& stop) {
    const auto request = planned_page(limits_.extract.pages, first, number);
    TRY(const auto answer, fetcher_.fetch(request, attempt_, stop));
    return land(number, answer);
  }

  Status read_in_sequence(PageRequest current, Answer answer, const std::stop_token& stop) {
    const spec::Pages& pages = limits_.extract.pages;
    while (!is_incomplete() && !notes_repetition(current)) {
      const PageSeen seen{
          .facts = answer.facts, .url = answer.url, .link_header = answer.link_header};
      TRY(auto next, page_after(pages, current, seen, fetcher_.source_url())
                         .within("page " + std::to_string(current.number)));
      if (!next) break;
      if (next->number > limits_.extract.limits.pages_max) {
        return too_many_pages(limits_.extract.limits.pages_max);
      }
      current = std::move(*next);
      if (notes_return(current)) break;
      TRY(answer, fetcher_.fetch(current, attempt_, stop));
      TRY(land(current.number, answer));
      answer.body = {};  // the next one is not held beside it
    }
    return {};
  }

  // A source that ignores ${page} or ${offset} gives the same page for ever.
  bool notes_repetition(const PageRequest& current) {
    if (pages_.size() < 2 || !(current.page || current.offset)) return false;
    const LandedPage& last = pages_.back();
    if (last.items == 0 || last.sha256 != pages_[pages_.size() - 2].sha256) return false;
    incomplete_ =
        Incomplete{"page " + std::to_string(current.number) + " is the same as the page before it"};
    return true;
  }

  // A cursor or link that was followed before leads round in a circle.
  bool notes_return(const PageRequest& next) {
    const auto& way = next.url ? next.url : next.cursor;
    if (!way || ways_.insert(*way).second) return false;
    incomplete_ = Incomplete{"page " + std::to_string(next.number - 1) +
                             " leads back to a page that was read before"};
    return true;
  }

  Reading finish() {
    Reading reading;
    if (!incomplete_) incomplete_ = completeness_.finish();
    reading.items = completeness_.items();
    reading.total = completeness_.total();
    reading.incomplete = std::move(incomplete_);
    reading.pages = std::move(pages_);
    return reading;
  }

  const ReadingLimits& limits_;
  Fetcher& fetcher_;
  Attempt& attempt_;
  base::EventSink& events_;
  std::optional<std::int64_t> planned_;   // set before the threads start
  std::unordered_set<std::string> ways_;  // cursors and links followed; one thread

  std::mutex mutex_;  // guards what follows while pages are in flight
  Completeness completeness_;
  std::optional<Incomplete> incomplete_;
  std::vector<LandedPage> pages_;
};

}  // namespace

Result<Reading> read_source(const ReadingLimits& limits, Fetcher& fetcher, Attempt& attempt,
                            base::EventSink& events, const std::stop_token& stop) {
  return Reader(limits, fetcher, attempt, events).read(stop);
}

}  // namespace ashore::extract
