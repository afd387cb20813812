// Asks for the first page alone, whose envelope tells how many items there are.
#include "extract/attempt.h"
#include "extract/extract.h"
#include "extract/fetcher.h"
#include "extract/paginator.h"
#include "state/run_folder.h"

namespace ashore::extract {

base::Result<std::optional<std::int64_t>> count_items(const config::Pipeline& pipeline,
                                                      const Options& options,
                                                      const state::RunContext& context) {
  const auto folder = state::raw_folder(pipeline.source_name, options.run_id);
  TRY(const auto number, first_attempt_number(context.env.store, folder));
  Attempt attempt(context.env.store, folder, number);
  Fetcher fetcher(pipeline, options, context);
  TRY(const auto answer, fetcher.fetch(first_page(pipeline.extract.pages), attempt, context.stop));
  const bool is_whole = pipeline.extract.pages.style == config::PageStyle::kNone;
  if (is_whole && !answer.facts.total) return std::optional(answer.facts.items);
  return answer.facts.total;
}

}  // namespace ashore::extract
