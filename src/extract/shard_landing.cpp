// Lands one shard. Each process writes into a folder of its own; the manifest, which is put only if
// there is none, says whose pages count.
#include "extract/shard_landing.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <utility>

#include "base/digest.h"
#include "extract/extract.h"
#include "extract/fetcher.h"
#include "extract/landing.h"
#include "extract/whole_reading.h"
#include "state/run_folder.h"

namespace ashore::extract {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

std::string folder_of(const PlannedRun& run, std::int64_t index) {
  return state::shard_folder(run.source, run.plan.run_id, index);
}

std::string manifest_path(const PlannedRun& run, std::int64_t index) {
  return folder_of(run, index) + "/manifest.json";
}

std::string failure_path(const PlannedRun& run, std::int64_t index) {
  return folder_of(run, index) + "/failure.json";
}

Status check_request(const ShardRequest& request) {
  const auto& plan = request.plan;
  if (plan.pipeline_name != request.pipeline.name ||
      plan.pipeline_sha256 != request.pipeline.sha256) {
    return base::permanent("the shards were made for another pipeline file than this one")
        .with_remedy("Give the file that they were made for, or make shards anew.");
  }
  const auto count = static_cast<std::int64_t>(plan.shards.size());
  if (request.index >= 0 && request.index < count) return {};
  return base::permanent(fmt::format("there is no shard {}: the plan has {} of them, 0 to {}",
                                     request.index, count, count - 1));
}

// The first shard writes the plan; by it the shards are joined.
Status keep_plan(io::ObjectStore& store, const state::ShardPlan& plan) {
  const auto path = state::shard_plan_path(plan.run_id);
  const auto text = state::shard_plan_json(plan);
  auto put = store.put_if_absent(path, text);
  if (put.ok() || put.error().kind() != ErrorKind::kAlreadyExists) return put;
  TRY(const auto kept, store.read(path));
  if (kept == text) return {};
  return base::permanent("run '" + plan.run_id +
                         "' lands by other shards: " + store.location_of(path))
      .with_remedy("Make the shards of another landing with another --run-id.");
}

Options options_of(const ShardRequest& request) {
  const auto& shard = request.plan.shards[static_cast<std::size_t>(request.index)];
  Options options{
      .run_id = request.plan.run_id, .window = shard.window, .source_url = request.source_url};
  options.rate_shares = request.plan.concurrency;
  options.rate_share = request.index % request.plan.concurrency;
  return options;
}

// Another process was first: its pages count, and these go.
Result<ShardLanding> take_other(const PlannedRun& run, const state::Shard& shard,
                                io::ObjectStore& store) {
  TRY(auto found, find_shard(store, run, shard, state::Origins::kLeftOut));
  if (found) return ShardLanding{.manifest = std::move(*found), .is_reused = true};
  return base::transient(shard_text(shard) + " was landed and taken away meanwhile");
}

Result<ShardLanding> fetch_shard(const ShardRequest& request, const PlannedRun& run,
                                 const state::RunContext& context) {
  auto& store = context.env.store;
  const auto& shard = run.plan.shards[static_cast<std::size_t>(request.index)];
  const auto options = options_of(request);
  Fetcher fetcher(request.pipeline, options, context);
  // On any store: the same shard may be landed twice at once.
  const auto own =
      folder_of(run, request.index) + fmt::format("/{:016x}", context.env.random.next());
  const ReadingTask task{request.pipeline, options, own, shard.pages};
  TRY(auto whole, read_until_whole(task, fetcher, context));
  if (context.stop.stop_requested()) return base::Error(ErrorKind::kInterrupted, "stopped");
  ShardLanding landing;
  landing.requests = fetcher.requests();
  landing.retries = fetcher.retries();
  landing.manifest = begin_manifest(request.pipeline, options, context.version);
  landing.manifest.parent = {state::shard_plan_path(run.plan.run_id), run.plan_sha256};
  TRY(const auto listed,
      list_pages(&whole, shard.pages ? shard.pages->first : 1, store, &landing.manifest));
  TRY(const auto text, listed->finish());
  const auto put = store.put_if_absent(manifest_path(run, request.index), text);
  if (!put.ok() && put.error().kind() == ErrorKind::kAlreadyExists) {
    return take_other(run, shard, store);
  }
  TRY(put);
  whole.attempt->kept();
  state::Summary summary;
  summary.stage = shard_summary_name(request.index);
  summary.extract = counts_of(landing.manifest);
  summary.extract->requests = landing.requests;
  summary.extract->retries = landing.retries;
  TRY(state::write_summary(store, run.plan.run_id, summary));
  TRY(store.remove(failure_path(run, request.index)));
  return landing;
}

void keep_failure(const PlannedRun& run, std::int64_t index, const base::Error& error,
                  io::ObjectStore& store) {
  const nlohmann::json json = {{"error", error.message()}};
  const auto text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  // It helps whoever joins, and nothing rests on it.
  (void)store.write(failure_path(run, index), text).ok();
}

}  // namespace

PlannedRun planned_run(const std::string& source, const state::ShardPlan& plan) {
  return {source, plan, base::to_hex(base::sha256(state::shard_plan_json(plan)))};
}

Result<std::optional<state::Manifest>> find_shard(io::ObjectStore& store, const PlannedRun& run,
                                                  const state::Shard& shard,
                                                  state::Origins origins) {
  auto manifest = state::read_manifest(store, manifest_path(run, shard.index), origins);
  if (!manifest.ok() && manifest.error().kind() == ErrorKind::kNotFound) {
    return std::optional<state::Manifest>();
  }
  if (!manifest.ok()) return std::move(manifest).error();
  const auto& parent = manifest.value().parent;
  const bool is_ours = parent && parent->sha256 == run.plan_sha256 &&
                       manifest.value().window == shard.window &&
                       manifest.value().pipeline_sha256 == run.plan.pipeline_sha256;
  if (is_ours) return std::optional(std::move(manifest).value());
  return base::permanent(shard_text(shard) + " is of another landing: " +
                         store.location_of(manifest_path(run, shard.index)))
      .with_remedy("Remove that folder and land the shard again.");
}

std::string failure_of(io::ObjectStore& store, const PlannedRun& run, std::int64_t index) {
  const auto text = store.read(failure_path(run, index));
  if (!text.ok()) return "";
  const auto json = nlohmann::json::parse(text.value(), nullptr, false);
  const auto error = json.is_object() ? json.find("error") : json.end();
  return error == json.end() || !error->is_string() ? "" : error->get<std::string>();
}

std::string shard_summary_name(std::int64_t index) { return fmt::format("shard-{:05}", index); }

Result<ShardLanding> extract_shard(const ShardRequest& request, const state::RunContext& context) {
  auto& store = context.env.store;
  TRY(check_request(request));
  TRY(keep_plan(store, request.plan));
  const Options whole{.run_id = request.plan.run_id,
                      .window = request.plan.window,
                      .source_url = request.source_url};
  TRY(auto joined, find_landing(store, request.pipeline, whole, context.events));
  if (joined) return ShardLanding{.manifest = std::move(*joined), .is_reused = true};
  const auto run = planned_run(request.pipeline.source_name, request.plan);
  const auto& shard = request.plan.shards[static_cast<std::size_t>(request.index)];
  TRY(auto landed, find_shard(store, run, shard, state::Origins::kLeftOut));
  if (landed) {
    TRY(const bool is_complete, has_all_pages(store, *landed));
    if (is_complete) return ShardLanding{.manifest = std::move(*landed), .is_reused = true};
    TRY(store.remove(manifest_path(run, request.index)));
  }
  auto landing = fetch_shard(request, run, context).within(shard_text(shard));
  if (!landing.ok()) keep_failure(run, request.index, landing.error(), store);
  return landing;
}

}  // namespace ashore::extract
