// Reads a source again until a reading adds up, three times at most.
#include "extract/whole_reading.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "extract/landed_before.h"
#include "extract/paging_seen.h"
#include "state/run_folder.h"

namespace ashore::extract {

using base::Result;

namespace {

// A source that changes while it is read is often quiet at the second reading; after three the run
// fails, and the next run of a schedule is the better time to ask again.
constexpr int kReadingsMax = 3;

// Facts of pages, not their bytes: a body may carry the time at which it was made.
bool are_equal(const Reading& left, const Reading& right) {
  const auto facts = [](const LandedPage& page) -> const std::string& { return page.facts_sha256; };
  return std::ranges::equal(left.pages, right.pages, {}, facts, facts);
}

base::Error not_whole(const Incomplete& incomplete, bool are_all_equal) {
  const std::string readings = std::to_string(kReadingsMax);
  if (incomplete.fault == Fault::kDoesNotAddUp && are_all_equal) {
    return base::permanent("the source's answers do not add up, the same in " + readings +
                           " readings: " + incomplete.why)
        .with_remedy(
            "Asking again cannot help: look at extract.pages and extract.items, whether "
            "they say how this source gives its pages and its total.");
  }
  std::string remedy =
      "It may have changed while it was read: run again later; see that the request sorts by a "
      "unique field.";
  if (incomplete.fault == Fault::kRepeats) {
    remedy += " If the source itself repeats items, say items: {repeats: keep}.";
  }
  return base::transient("the source gave no complete answer in " + readings +
                         " readings: " + incomplete.why)
      .with_remedy(std::move(remedy));
}

// pages.verify: a reading counts once the one before it had the same ids.
std::optional<Incomplete> verify(const Reading& reading, const std::optional<Reading>& before) {
  if (before && !before->incomplete && before->ids_sha256 == reading.ids_sha256) {
    return std::nullopt;
  }
  const bool is_first = !before || before->incomplete;
  return Incomplete{is_first ? "the ids are read again, as pages.verify says"
                             : "two readings in succession had different ids (pages.verify)"};
}

}  // namespace

Result<WholeReading> read_until_whole(const ReadingTask& task, Fetcher& fetcher,
                                      const state::RunContext& context) {
  auto& env = context.env;
  const auto& pipeline = task.pipeline;
  const auto& folder = task.folder;
  const auto run_folder = state::raw_folder(pipeline.source_name, task.options.run_id);
  const auto source_folder = run_folder.substr(0, run_folder.rfind('/'));
  TRY(const auto landed, LandedBefore::find(env.store, source_folder, run_folder));
  const std::function<Result<bool>()> was_seen = [&] { return next_was_seen(env.store, pipeline); };
  const ReadingLimits limits{
      .extract = pipeline.extract,
      .next_was_seen = was_seen,
      .before = landed,
      .memory_bytes = context.memory_bytes,
      // A sixteenth of the memory, at 24 bytes an id.
      .ids = {&context.env.store, static_cast<std::size_t>(context.memory_bytes / 16 / 24)},
      .range = task.range};
  TRY(const auto first_number, first_attempt_number(env.store, folder));
  std::optional<Reading> before;
  bool are_all_equal = true;
  for (int number = 1;; ++number) {
    WholeReading whole;
    whole.started_us = base::micros_of(env.clock.now());
    whole.attempt = std::make_unique<Attempt>(env.store, folder, first_number + number - 1);
    TRY(whole.reading, read_source(limits, fetcher, *whole.attempt, context));
    auto incomplete = whole.reading.incomplete;
    if (!incomplete && pipeline.extract.pages.verify) incomplete = verify(whole.reading, before);
    if (!incomplete) return whole;
    are_all_equal = are_all_equal && (!before || are_equal(whole.reading, *before));
    if (number >= kReadingsMax) return not_whole(*incomplete, are_all_equal);
    const auto wait = fetcher.cache_wait();
    context.events.emit(
        base::ReadingRestarted{.reading = number + 1, .why = incomplete->why, .wait = wait});
    TRY(fetcher.wait_for_caches(wait, context.stop));
    fetcher.ask_past_caches();
    before = std::move(whole.reading);
  }
}

}  // namespace ashore::extract
