// Extracts a window: reuses a landing, or reads the source until one reading is whole.
#include "extract/extract.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "extract/attempt.h"
#include "extract/completeness.h"
#include "extract/fetcher.h"
#include "extract/landed_before.h"
#include "extract/landing.h"
#include "extract/paging_seen.h"
#include "extract/reading.h"
#include "state/run_folder.h"

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

// A source that changes while it is read is often quiet at the second reading; after three the run
// fails, and the next run of a schedule is the better time to ask again.
constexpr int kReadingsMax = 3;

Status check_window(const config::Pipeline& pipeline, const Options& options) {
  if (pipeline.extract.window || options.window.is_unbounded()) return {};
  return base::permanent("the pipeline cannot ask for a window: it has no extract.window")
      .with_remedy("Leave out the dates, or say in extract.window how the source takes them.");
}

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

Result<WholeReading> read_until_whole(const config::Pipeline& pipeline, const Options& options,
                                      Fetcher& fetcher, const state::RunContext& context) {
  auto& env = context.env;
  const std::string folder = state::raw_folder(pipeline.source_name, options.run_id);
  const auto source_folder = folder.substr(0, folder.rfind('/'));
  TRY(const auto landed, LandedBefore::find(env.store, source_folder, folder));
  const std::function<Result<bool>()> was_seen = [&] { return next_was_seen(env.store, pipeline); };
  const ReadingLimits limits{
      .extract = pipeline.extract,
      .next_was_seen = was_seen,
      .before = landed,
      .memory_bytes = context.memory_bytes,
      // A sixteenth of the memory, at 24 bytes an id.
      .ids = {&context.env.store, static_cast<std::size_t>(context.memory_bytes / 16 / 24)}};
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

state::ExtractCounts counts_of(const state::Manifest& manifest) {
  state::ExtractCounts counts;
  counts.pages = static_cast<std::int64_t>(manifest.files.size());
  for (const auto& file : manifest.files) {
    counts.bytes += file.bytes;
    counts.items += file.rows;
  }
  return counts;
}

// The door's answer for a landing that was there before: nothing was asked for.
Result<Landing> reuse(const Options& options, io::Env& env, state::Manifest manifest) {
  Landing landing{.manifest = std::move(manifest), .summary = {}};
  landing.summary.stage = "extract";
  landing.summary.extract = counts_of(landing.manifest);
  landing.summary.extract->pages_reused = landing.summary.extract->pages;
  const auto before = state::read_summary(env.store, options.run_id, "extract");
  if (before.ok() && before.value().extract) {
    landing.summary.extract->total = before.value().extract->total;
    landing.summary.warnings = before.value().warnings;
  }
  TRY(copy_manifest(env.store, options, landing.manifest));
  TRY(state::write_summary(env.store, options.run_id, landing.summary));
  return landing;
}

Result<Landing> fetch(const config::Pipeline& pipeline, const Options& options,
                      const state::RunContext& context) {
  const auto begin = context.env.clock.steady_now();
  TRY(discard_unfinished(context.env.store,
                         state::raw_folder(pipeline.source_name, options.run_id)));
  // Answers of a lookup belong to the landing that asked for them, and that one is made anew.
  TRY(context.env.store.remove(state::stage_manifest_path(options.run_id, "lookup")));
  Fetcher fetcher(pipeline, options, context);
  TRY(auto whole, read_until_whole(pipeline, options, fetcher, context));
  if (context.stop.stop_requested()) return base::Error(base::ErrorKind::kInterrupted, "stopped");
  const auto total = whole.reading.total;
  const auto reused = std::ranges::count(whole.reading.pages, true, &LandedPage::is_reused);
  Landing landing;
  TRY(landing.manifest, land(pipeline, options, context, std::move(whole)));
  TRY(copy_manifest(context.env.store, options, landing.manifest));
  state::Summary& summary = landing.summary;
  summary.stage = "extract";
  summary.extract = counts_of(landing.manifest);
  summary.extract->requests = fetcher.requests();
  summary.extract->retries = fetcher.retries();
  summary.extract->total = total;
  summary.extract->pages_reused = reused;
  summary.seconds = std::chrono::duration<double>(context.env.clock.steady_now() - begin).count();
  TRY(state::write_summary(context.env.store, options.run_id, summary));
  return landing;
}

}  // namespace

Result<Landing> extract(const config::Pipeline& pipeline, const Options& options,
                        const state::RunContext& context) {
  TRY(state::check_run_id(options.run_id));
  TRY(check_window(pipeline, options));
  TRY(auto landed, find_landing(context.env.store, pipeline, options, context.events));
  if (landed) return reuse(options, context.env, std::move(*landed));
  return fetch(pipeline, options, context);
}

}  // namespace ashore::extract
