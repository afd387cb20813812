// Prints shard plans, and lands shards without a report of their own: the join has it.
#include "cli/shard_commands.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/runtime.h"
#include "cloud/plan_shards.h"
#include "extract/extract.h"
#include "run/run.h"
#include "state/run_folder.h"

namespace ashore::cli {

using base::Result;

namespace {

cloud::SplitBy split_by(const std::string& text) {
  if (text == "day") return cloud::SplitBy::kDay;
  if (text == "month") return cloud::SplitBy::kMonth;
  return text == "pages" ? cloud::SplitBy::kPages : cloud::SplitBy::kCount;
}

// A step function hands the plan on as text, so it may come by stdin.
Result<std::string> read_plan_file(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.is_open() && !file.bad()) return text;
  return base::permanent("cannot read the shards: " + path)
      .with_remedy("'ashore shards PIPELINE ... > FILE' writes them.");
}

// What was asked for is told as JSON only: people see it on stderr, retry by retry.
std::string landing_text(const state::Shard& shard, const extract::ShardLanding& landing) {
  std::int64_t items = 0;
  std::int64_t bytes = 0;
  for (const auto& page : landing.manifest.files) {
    items += page.rows;
    bytes += page.bytes;
  }
  return fmt::format("{}: {} pages, {} items, {} bytes{}\n", state::shard_text(shard),
                     landing.manifest.files.size(), items, bytes,
                     landing.is_reused ? ", landed before" : "");
}

std::string landing_json(const state::ShardPlan& plan, const state::Shard& shard,
                         const extract::ShardLanding& landing) {
  std::int64_t items = 0;
  for (const auto& page : landing.manifest.files) items += page.rows;
  nlohmann::ordered_json json = {{"run_id", plan.run_id}, {"index", shard.index}, {"of", shard.of}};
  json["pages"] = landing.manifest.files.size();
  json["items"] = items;
  json["requests"] = landing.requests;
  json["retries"] = landing.retries;
  json["landed_before"] = landing.is_reused;
  return json.dump() + "\n";
}

}  // namespace

Result<int> run_shards(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto options, runtime->stage_options(arguments, pipeline));
  cloud::SplitOptions split{.run_id = arguments.run_id,
                            .by = split_by(arguments.shards.by),
                            .count = arguments.shards.count,
                            .concurrency = arguments.shards.concurrency,
                            .source_url = options.source_url};
  const bool says_both =
      split.count && (split.by == cloud::SplitBy::kDay || split.by == cloud::SplitBy::kMonth);
  if (says_both) {
    return base::permanent("--count: days and months are as many as there are")
        .with_remedy("Say --count or --by, not both.");
  }
  // All shards must name one landing, and only the plan is seen by all of them.
  if (split.run_id.empty()) {
    split.run_id = state::make_run_id(runtime->env().clock, runtime->env().random);
  }
  TRY(state::check_run_id(split.run_id));
  TRY(split.window, run::effective_window(pipeline, options));
  TRY(const auto plan, cloud::plan_shards(pipeline, split, runtime->context(arguments, signals)));
  print(state::shard_plan_json(plan));
  return 0;
}

Result<int> run_shard(const Arguments& arguments) {
  Signals signals;
  TRY(const auto text, read_plan_file(arguments.shards.plan));
  TRY(const auto plan, state::parse_shard_plan(text).within(arguments.shards.plan));
  // ASHORE_RUN_ID may be set for all commands of a schedule.
  if (!arguments.run_id.empty() && arguments.run_id != plan.run_id) {
    return base::permanent("--run-id: the shards are of run '" + plan.run_id + "', not of '" +
                           arguments.run_id + "'")
        .with_remedy("Leave it out.");
  }
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto options, runtime->stage_options(arguments, pipeline));
  const auto index = arguments.shards.index;
  TRY(const auto landing, extract::extract_shard({pipeline, plan, index, options.source_url},
                                                 runtime->context(arguments, signals)));
  const auto& shard = plan.shards[static_cast<std::size_t>(index)];
  print(arguments.json ? landing_json(plan, shard, landing) : landing_text(shard, landing));
  return 0;
}

}  // namespace ashore::cli
