// The door of extract: reuses a landing, or reads the source until one reading is whole.
#include "extract/extract.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "extract/attempt.h"
#include "extract/completeness.h"
#include "extract/fetcher.h"
#include "extract/landed_before.h"
#include "extract/landing.h"
#include "extract/reading.h"
#include "state/run_folder.h"

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

constexpr int kReadingsMax = 3;

// A reading that may be landed, with the folder that its pages are in.
struct WholeReading {
  Reading reading;
  std::unique_ptr<Attempt> attempt;
  std::int64_t started_us = 0;
  std::vector<std::string> warnings;
};

Status check_window(const spec::Pipeline& pipeline, const Options& options) {
  if (pipeline.extract.window || options.window.is_unbounded()) return {};
  return base::permanent("the pipeline cannot ask for a window: it has no extract.window")
      .with_remedy("Leave out the dates, or say in extract.window how the source takes them.");
}

bool have_same_bytes(const Reading& left, const Reading& right) {
  const auto digest = [](const LandedPage& page) -> const std::string& { return page.sha256; };
  return std::ranges::equal(left.pages, right.pages, {}, digest, digest);
}

// Two readings with the same bytes: what repeats there is the source's own.
bool is_stable(const Reading& reading, const std::optional<Reading>& before) {
  return before && reading.incomplete->has_only_duplicates && before->incomplete &&
         before->incomplete->has_only_duplicates && have_same_bytes(reading, *before);
}

base::Error not_whole(const Incomplete& incomplete) {
  return base::transient("the source gave no complete answer in " + std::to_string(kReadingsMax) +
                         " readings: " + incomplete.why)
      .with_remedy(
          "It may have changed while it was read: run again later; see that the request sorts by a "
          "unique field.");
}

Result<WholeReading> read_until_whole(const spec::Pipeline& pipeline, const Options& options,
                                      io::Env& env, Fetcher& fetcher, base::EventSink& events,
                                      const std::stop_token& stop) {
  const std::string folder = state::raw_folder(pipeline.source_name, options.run_id);
  const auto source_folder = folder.substr(0, folder.rfind('/'));
  TRY(const auto landed, LandedBefore::find(env.store, source_folder, folder));
  const ReadingLimits limits{
      .extract = pipeline.extract, .before = landed, .memory_bytes = options.memory_bytes};
  TRY(const auto first_number, first_attempt_number(env.store, folder));
  std::optional<Reading> before;
  for (int number = 1;; ++number) {
    WholeReading whole;
    whole.started_us = base::micros_of(env.clock.now());
    whole.attempt = std::make_unique<Attempt>(env.store, folder, first_number + number - 1);
    TRY(whole.reading, read_source(limits, fetcher, *whole.attempt, events, stop));
    if (!whole.reading.incomplete) return whole;
    const Incomplete& incomplete = *whole.reading.incomplete;
    if (is_stable(whole.reading, before)) {
      whole.warnings.push_back("the source repeats items, twice the same: " + incomplete.why);
      return whole;
    }
    if (number >= kReadingsMax) return not_whole(incomplete);
    events.emit(base::ReadingRestarted{.reading = number + 1, .why = incomplete.why});
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

Result<Landing> fetch(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                      base::EventSink& events, const std::stop_token& stop) {
  const auto begin = env.clock.steady_now();
  TRY(discard_unfinished(env.store, state::raw_folder(pipeline.source_name, options.run_id)));
  TRY(env.store.remove(state::stage_manifest_path(options.run_id, "lookup")));
  Fetcher fetcher(pipeline, options, env, events);
  TRY(auto whole, read_until_whole(pipeline, options, env, fetcher, events, stop));
  if (stop.stop_requested()) return base::Error(base::ErrorKind::kInterrupted, "stopped");
  const auto total = whole.reading.total;
  const auto reused = std::ranges::count(whole.reading.pages, true, &LandedPage::is_reused);
  Landing landing;
  TRY(landing.manifest, land(env.store, pipeline, options, whole.started_us,
                             std::move(whole.reading), *whole.attempt));
  TRY(copy_manifest(env.store, options, landing.manifest));
  state::Summary& summary = landing.summary;
  summary.stage = "extract";
  summary.extract = counts_of(landing.manifest);
  summary.extract->requests = fetcher.requests();
  summary.extract->retries = fetcher.retries();
  summary.extract->total = total;
  summary.extract->pages_reused = reused;
  summary.warnings = std::move(whole.warnings);
  for (const auto& warning : summary.warnings) events.emit(base::Warned{warning});
  summary.seconds = std::chrono::duration<double>(env.clock.steady_now() - begin).count();
  TRY(state::write_summary(env.store, options.run_id, summary));
  return landing;
}

}  // namespace

Result<Landing> extract(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                        base::EventSink& events, const std::stop_token& stop) {
  TRY(state::check_run_id(options.run_id));
  TRY(check_window(pipeline, options));
  TRY(auto landed, find_landing(env.store, pipeline, options, events));
  if (landed) return reuse(options, env, std::move(*landed));
  return fetch(pipeline, options, env, events, stop);
}

}  // namespace ashore::extract
