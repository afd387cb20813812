// The first page alone: its envelope tells the rest.
#include "extract/attempt.h"
#include "extract/extract.h"
#include "extract/fetcher.h"
#include "extract/paginator.h"
#include "state/run_folder.h"

namespace ashore::extract {

base::Result<std::optional<std::int64_t>> count_items(const spec::Pipeline& pipeline,
                                                      const Options& options, io::Env& env,
                                                      base::EventSink& events,
                                                      const std::stop_token& stop) {
  const auto folder = state::raw_folder(pipeline.source_name, options.run_id);
  TRY(const auto number, first_attempt_number(env.store, folder));
  Attempt attempt(env.store, folder, number);
  Fetcher fetcher(pipeline, options, env, events);
  TRY(const auto answer, fetcher.fetch(first_page(pipeline.extract.pages), attempt, stop));
  const bool is_whole = pipeline.extract.pages.style == spec::PageStyle::kNone;
  if (is_whole && !answer.facts.total) return std::optional(answer.facts.items);
  return answer.facts.total;
}

}  // namespace ashore::extract
