// Declares how a landing is divided and put together.
#include "cli/shard_options.h"

#include <CLI/CLI.hpp>

namespace ashore::cli {

void add_shard(CLI::App* extract, Arguments* arguments) {
  auto* const plan = extract->add_option(
      "--shard", arguments->shards.plan,
      "Land one shard of the plan in this file ('-': stdin), which 'ashore shards' printed");
  auto* const index =
      extract->add_option("--index", arguments->shards.index, "With --shard: which, from 0")
          ->check(CLI::NonNegativeNumber);
  plan->needs(index);
  index->needs(plan);
  for (const auto* dates : {"--start-date", "--end-date", "--widen"}) {
    plan->excludes(extract->get_option(dates));
  }
}

void add_shard_commands(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* shards = add_command(app, "shards",
                             "Divide a window among processes: prints the plan as JSON, for "
                             "'extract --shard' and 'join'");
  add_pipeline(shards, arguments);
  add_window(shards, arguments, raw);
  add_source_url(shards, raw);
  add_data_dir(shards, arguments);
  shards
      ->add_option("--run-id", arguments->run_id,
                   "The landing that the shards make together; default a new one")
      ->envname("ASHORE_RUN_ID");
  shards
      ->add_option("--count", arguments->shards.count,
                   "So many windows of equal length, or, "
                   "with --by pages, so many ranges of pages (default 8)")
      ->check(CLI::Range(1, 10'000));
  shards
      ->add_option("--by", arguments->shards.by,
                   "A window for each day or month, or ranges of "
                   "pages, where the source tells how many there are")
      ->check(CLI::IsMember({"day", "month", "pages"}));
  shards
      ->add_option("--concurrency", arguments->shards.concurrency,
                   "How many shards may be in flight at once; default all. A rate that is shared "
                   "is divided by it")
      ->check(CLI::Range(1, 10'000));
  auto* join = add_command(app, "join",
                           "Prove that a run's shards are the whole and make one landing of them");
  add_stage_options(join, arguments, raw);
  join->get_option("--run-id")->required();
  for (const auto* unused : {"--widen", "--to", "--threads"}) join->get_option(unused)->group("");
  join->add_flag("--offline", arguments->shards.offline, "Do not ask the source for its total");
}

}  // namespace ashore::cli
