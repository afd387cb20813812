// Asks the source for missing rows and stages the window again with its answers.
// Answers land in the run's own raw folder, so whoever transforms it later reads them again.
#include "run/missing_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "extract/extract.h"
#include "state/run_folder.h"
#include "transform/transform.h"

namespace ashore::run {

using base::Result;
using base::Status;

namespace {

extract::Options extract_options(const Options& options, const state::Manifest& landing) {
  return {.run_id = landing.run_id, .window = landing.window, .source_url = options.source_url};
}

// The requests of the lookup are requests of the run.
Status add_requests(const extract::LookupLanding& answers, io::ObjectStore& store,
                    report::RunReport* report) {
  auto landed = state::read_summary(store, report->run_id, "extract");
  if (!landed.ok() || !landed.value().extract) return {};
  auto& counts = *landed.value().extract;
  counts.requests += answers.requests;
  counts.retries += answers.retries;
  report->extract = counts;
  return state::write_summary(store, report->run_id, landed.value());
}

// Warnings that the first transform gave already are not given again.
void take_changes(state::Summary summary, base::EventSink& events, report::RunReport* report) {
  for (auto& warning : summary.warnings) {
    if (std::ranges::find(report->warnings, warning) != report->warnings.end()) continue;
    events.emit(base::Warned{warning});
    report->warnings.push_back(std::move(warning));
  }
  report->unmapped = std::move(summary.unmapped);
  report->drift = std::move(summary.drift);
}

// The window of pages and answers. What there is to tell of the pages was told when they were
// transformed.
Result<transform::StagedWindow> stage_answers(const MissingRows& missing,
                                              const state::StoredManifest& landing,
                                              const extract::LookupLanding& answers,
                                              const state::RunContext& context) {
  base::NullEventSink silence;
  const auto silent = context.with(context.env, silence);
  if (missing.transformed != nullptr) {
    return missing.transformed->add_answers({answers.manifest, answers.as_parent}, silent);
  }
  TRY(const auto with_answers, transform_options(context.env.store, missing.options, landing));
  return transform::transform(missing.pipeline, landing, with_answers, silent);
}

std::string rows_text(std::size_t count) {
  return count == 1 ? "1 published row" : fmt::format("{} published rows", count);
}

}  // namespace

Result<transform::Options> transform_options(io::ObjectStore& store, const Options& options,
                                             const state::StoredManifest& landing) {
  transform::Options transform;
  transform.run_id = landing.manifest.run_id;
  transform.batch_rows_max = options.batch_rows_max;
  TRY(transform.lookup, extract::find_lookup(store, landing));
  return transform;
}

Result<transform::StagedWindow> look_for(const MissingRows& missing,
                                         const state::RunContext& context,
                                         report::RunReport* report) {
  auto& store = context.env.store;
  context.events.emit(base::Noted{rows_text(missing.ids.size()) +
                                  " of this window not in the source's answer: asking for them"});
  TRY(const auto landing,
      state::read_stored_manifest(store, state::stage_manifest_path(report->run_id, "extract")));
  const auto options = extract_options(missing.options, landing.manifest);
  TRY(const auto answers,
      extract::look_up({missing.pipeline, options, landing, missing.ids}, context)
          .within("look for missing rows"));
  TRY(add_requests(answers, store, report));
  TRY(auto staged, stage_answers(missing, landing, answers, context));
  take_changes(std::move(staged.summary), context.events, report);
  return staged;
}

}  // namespace ashore::run
