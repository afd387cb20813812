// Extracts a window: reuses a landing, or reads the source until one reading is whole.
#include "extract/extract.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "extract/attempt.h"
#include "extract/fetcher.h"
#include "extract/landing.h"
#include "extract/whole_reading.h"
#include "state/run_folder.h"

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

Status check_window(const config::Pipeline& pipeline, const Options& options) {
  if (pipeline.extract.window || options.window.is_unbounded()) return {};
  return base::permanent("the pipeline cannot ask for a window: it has no extract.window")
      .with_remedy("Leave out the dates, or say in extract.window how the source takes them.");
}

Result<Landing> fetch(const config::Pipeline& pipeline, const Options& options,
                      const state::RunContext& context) {
  const auto begin = context.env.clock.steady_now();
  const auto run_folder = state::raw_folder(pipeline.source_name, options.run_id);
  TRY(discard_unfinished(context.env.store, run_folder));
  // Answers of a lookup belong to the landing that asked for them, and that one is made anew.
  TRY(context.env.store.remove(state::stage_manifest_path(options.run_id, "lookup")));
  Fetcher fetcher(pipeline, options, context);
  const ReadingTask task{pipeline, options, reading_folder(context.env, run_folder), {}};
  TRY(auto whole, read_until_whole(task, fetcher, context));
  if (context.stop.stop_requested()) return base::Error(base::ErrorKind::kInterrupted, "stopped");
  const auto total = whole.reading.total;
  const auto reused = std::ranges::count(whole.reading.pages, true, &LandedPage::is_reused);
  Landing landing;
  TRY(auto landed, land(pipeline, options, context, std::move(whole)));
  if (!landed) {
    TRY(auto first, find_landing(context.env.store, pipeline, options, context.events));
    if (first) return reuse_landing(pipeline, options, context.env, std::move(*first));
    return base::transient("the run was landed by another process and taken away meanwhile");
  }
  landing.manifest = std::move(*landed);
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
  if (landed && !options.lands_anew)
    return reuse_landing(pipeline, options, context.env, std::move(*landed));
  if (landed) TRY(context.env.store.remove(landing_manifest_path(pipeline, options)));
  return fetch(pipeline, options, context);
}

}  // namespace ashore::extract
