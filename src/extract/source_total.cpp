// Asks for the first page alone, whose envelope tells how many items there are.
#include "extract/attempt.h"
#include "extract/extract.h"
#include "extract/fetcher.h"
#include "extract/paginator.h"
#include "state/run_folder.h"

namespace ashore::extract {

namespace {

base::Result<Answer> ask_for_first(const config::Pipeline& pipeline, const Options& options,
                                   const state::RunContext& context) {
  const auto folder = state::raw_folder(pipeline.source_name, options.run_id);
  TRY(const auto number, first_attempt_number(context.env.store, folder));
  Attempt attempt(context.env.store, folder, number);
  Fetcher fetcher(pipeline, options, context);
  return fetcher.fetch(first_page(pipeline.extract.pages), attempt, context.stop);
}

}  // namespace

base::Result<PagesThere> count_pages(const config::Pipeline& pipeline, const Options& options,
                                     const state::RunContext& context) {
  const auto& pages = pipeline.extract.pages;
  TRY(const auto answer, ask_for_first(pipeline, options, context));
  const auto count = pages_planned(pages, answer.facts);
  if (!count) {
    return base::permanent("the source does not tell how many pages there are")
        .with_remedy(
            "Shards by pages need pages by number or offset, and items.total or items.page_count. "
            "Make shards of the window: --count, --by day or --by month.");
  }
  const bool is_by_offset = pages.style == config::PageStyle::kOffset;
  return PagesThere{*count, is_by_offset ? page_size(pages, answer.facts) : 0};
}

base::Result<std::optional<std::int64_t>> count_items(const config::Pipeline& pipeline,
                                                      const Options& options,
                                                      const state::RunContext& context) {
  TRY(const auto answer, ask_for_first(pipeline, options, context));
  const bool is_whole = pipeline.extract.pages.style == config::PageStyle::kNone;
  if (is_whole && !answer.facts.total) return std::optional(answer.facts.items);
  return answer.facts.total;
}

}  // namespace ashore::extract
