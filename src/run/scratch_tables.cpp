// Takes landings through transform, merge and publish in the scratch.
#include "run/scratch_tables.h"

#include <map>
#include <utility>

#include "base/digest.h"
#include "config/reader.h"
#include "merge/merge.h"
#include "publish/publish.h"
#include "run/missing_rows.h"
#include "run/scratch_store.h"
#include "state/run_folder.h"
#include "transform/transform.h"

namespace ashore::run {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr const char* kBringBack =
    "Bring it back from a backup; without it these tables cannot be built again from raw";

// What is gone cannot be fixed by running again: the path is in the message.
base::Error gone(base::Error error) {
  if (error.kind() != ErrorKind::kNotFound) return error;
  return std::move(error).as(ErrorKind::kPermanent).with_remedy(kBringBack);
}

Result<state::StoredManifest> read_landing(io::ObjectStore& store, const std::string& run_id) {
  auto landing = state::read_stored_manifest(store, state::stage_manifest_path(run_id, "extract"));
  if (!landing.ok()) return gone(std::move(landing).error()).within("read its manifest");
  return landing;
}

// A pipeline may have had another name when it made a landing.
std::vector<std::string> all_tables(const config::Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const auto& table : pipeline.tables) names.push_back(table.name);
  return names;
}

merge::Options merge_options(const std::string& run_id, const config::Pipeline& pipeline) {
  merge::Options options;
  options.run_id = run_id;
  options.taken_tables = all_tables(pipeline);
  return options;
}

Result<state::Manifest> transform_landing(const BuildContext& context, const std::string& run_id,
                                          const config::Pipeline& pipeline, io::Env& scratch) {
  base::NullEventSink silence;
  TRY(auto landing, read_landing(context.run.env.store, run_id));
  TRY(const auto options, transform_options(context.run.env.store, context.options, landing));
  auto staged = transform::transform(pipeline, std::move(landing), options,
                                     context.run.with(scratch, silence));
  if (!staged.ok()) return gone(std::move(staged).error());
  return std::move(staged).value().manifest;
}

Status replay_landing(const BuildContext& context, const std::string& run_id,
                      const config::Pipeline& pipeline, io::Env& scratch) {
  base::NullEventSink silence;
  TRY(const auto window, transform_landing(context, run_id, pipeline, scratch));
  TRY(const auto merged, merge::merge(pipeline, window, merge_options(run_id, pipeline),
                                      context.run.with(scratch, silence)));
  // The order of the steps is the order of publication, also where it was forced.
  const publish::Options publish_options{
      .run_id = run_id, .force = true, .taken_tables = all_tables(pipeline)};
  TRY(const auto published, publish::publish(pipeline, merged.manifest, publish_options,
                                             context.run.with(scratch, silence)));
  (void)published;
  return {};
}

}  // namespace

Result<config::Pipeline> pipeline_of_run(const BuildContext& context, const std::string& run_id) {
  const auto path = state::run_file(run_id, "pipeline.yaml");
  auto text = context.run.env.store.read(path);
  if (!text.ok()) return gone(std::move(text).error());
  if (base::to_hex(base::sha256(text.value())) == context.pipeline.sha256) return context.pipeline;
  auto reading = config::read_pipeline(text.value(), context.run.env.store.location_of(path),
                                       context.options.environment);
  if (!reading.pipeline) return config::complaints_error(reading.complaints);
  return std::move(*reading.pipeline);
}

Status build_window(const BuildContext& context, const Step& step) {
  const auto where = "replay landing '" + step.landing + "'";
  TRY(clear_scratch(context.run.env.store));
  ScratchStore store(context.run.env.store);
  io::Env scratch{context.run.env.http, store, context.run.env.clock, context.run.env.random};
  TRY(const auto pipeline, pipeline_of_run(context, step.pipeline_run).within(where));
  TRY(const auto window, transform_landing(context, step.landing, pipeline, scratch).within(where));
  (void)window;
  return {};
}

Status clear_scratch(io::ObjectStore& store) { return store.remove_folder(scratch_folder(store)); }

Status build_tables(const BuildContext& context, const std::vector<Step>& steps) {
  TRY(clear_scratch(context.run.env.store));
  ScratchStore store(context.run.env.store);
  io::Env scratch{context.run.env.http, store, context.run.env.clock, context.run.env.random};
  std::map<std::string, config::Pipeline> pipelines;
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

}  // namespace ashore::run
