// Each landing goes through the same doors as in its run, with another store behind them.
#include "pipeline/rebuild.h"

#include <map>
#include <utility>

#include "base/digest.h"
#include "merge/merge.h"
#include "pipeline/scratch_store.h"
#include "pipeline/vanished.h"
#include "publish/publish.h"
#include "spec/reader.h"
#include "state/run_folder.h"
#include "transform/transform.h"

namespace ashore::pipeline {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr const char* kBringBack =
    "Bring it back from a backup; without it these tables cannot be built again from raw";

// What is gone cannot be mended by running again: the path is in the message.
base::Error gone(base::Error error) {
  if (error.kind() != ErrorKind::kNotFound) return error;
  return std::move(error).as(ErrorKind::kPermanent).with_remedy(kBringBack);
}

Result<state::Manifest> read_landing(io::ObjectStore& store, const std::string& run_id) {
  auto landing = state::read_manifest(store, state::stage_manifest_path(run_id, "extract"));
  if (!landing.ok()) return gone(std::move(landing).error()).within("read its manifest");
  return landing;
}

merge::Options merge_options(const RebuildContext& context, const std::string& run_id) {
  merge::Options options;
  options.run_id = run_id;
  options.threads = context.options.threads;
  options.memory_bytes = context.options.memory_bytes;
  options.version = context.options.version;
  return options;
}

Result<state::Manifest> transform_landing(const RebuildContext& context, const std::string& run_id,
                                          const spec::Pipeline& pipeline, io::Env& scratch) {
  base::NullEventSink silence;
  TRY(const auto landing, read_landing(context.env.store, run_id));
  TRY(const auto options, transform_options(context.env.store, context.options, landing));
  auto staged = transform::transform(pipeline, landing, options, scratch, silence, context.stop);
  if (!staged.ok()) return gone(std::move(staged).error());
  return std::move(staged).value().manifest;
}

Status replay_landing(const RebuildContext& context, const std::string& run_id,
                      const spec::Pipeline& pipeline, io::Env& scratch) {
  base::NullEventSink silence;
  TRY(const auto window, transform_landing(context, run_id, pipeline, scratch));
  TRY(const auto merged, merge::merge(pipeline, window, merge_options(context, run_id), scratch,
                                      silence, context.stop));
  // The order of the steps is the order of publication, also where it was forced.
  const publish::Options publish_options{
      .run_id = run_id, .version = context.options.version, .force = true};
  TRY(const auto published,
      publish::publish(pipeline, merged.manifest, publish_options, scratch, silence, context.stop));
  (void)published;
  return {};
}

}  // namespace

Result<spec::Pipeline> pipeline_of_run(const RebuildContext& context, const std::string& run_id) {
  const auto path = state::run_file(run_id, "pipeline.yaml");
  auto text = context.env.store.read(path);
  if (!text.ok()) return gone(std::move(text).error());
  if (base::to_hex(base::sha256(text.value())) == context.pipeline.sha256) return context.pipeline;
  auto reading = spec::read_pipeline(text.value(), context.env.store.location_of(path),
                                     context.options.environment);
  if (!reading.pipeline) return spec::complaints_error(reading.complaints);
  return std::move(*reading.pipeline);
}

Status rebuild_window(const RebuildContext& context, const Step& step) {
  const auto where = "replay landing '" + step.landing + "'";
  TRY(clear_scratch(context.env.store));
  ScratchStore store(context.env.store);
  io::Env scratch{context.env.http, store, context.env.clock, context.env.random};
  TRY(const auto pipeline, pipeline_of_run(context, step.pipeline_run).within(where));
  TRY(const auto window, transform_landing(context, step.landing, pipeline, scratch).within(where));
  (void)window;
  return {};
}

Status clear_scratch(io::ObjectStore& store) {
  return store.remove_folder(std::string(kScratchFolder));
}

Status rebuild(const RebuildContext& context, const std::vector<Step>& steps) {
  TRY(clear_scratch(context.env.store));
  ScratchStore store(context.env.store);
  io::Env scratch{context.env.http, store, context.env.clock, context.env.random};
  std::map<std::string, spec::Pipeline> pipelines;
  for (const auto& step : steps) {
    const auto where = "replay landing '" + step.landing + "'";
    auto found = pipelines.find(step.pipeline_run);
    if (found == pipelines.end()) {
      TRY(auto pipeline, pipeline_of_run(context, step.pipeline_run).within(where));
      // Nobody reads the scratch's older versions.
      pipeline.publish.retain = std::chrono::seconds(0);
      found = pipelines.insert_or_assign(step.pipeline_run, std::move(pipeline)).first;
    }
    TRY(replay_landing(context, step.landing, found->second, scratch).within(where));
  }
  return {};
}

}  // namespace ashore::pipeline
