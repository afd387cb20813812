// Transforms pages: they are read and joined; a landing's rows are written, its rejections counted.
#include "transform/transform.h"

#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

#include <algorithm>

#include <arrow/api.h>
#include <fmt/format.h>

#include "base/time_zone.h"
#include "columnar/keys.h"
#include "state/run_folder.h"
#include "transform/landing_reader.h"
#include "transform/plan.h"
#include "transform/window_builder.h"
#include "transform/window_files.h"
#include "transform/window_summary.h"
#include "transform/window_tables.h"

namespace ashore::transform {

namespace {

using base::Result;

constexpr const char* kStage = "transform";

bool uses_time_zones(const config::Pipeline& pipeline) {
  return std::ranges::any_of(pipeline.tables, [](const config::Table& table) {
    return std::ranges::any_of(
        table.columns, [](const config::Column& column) { return !column.time_zone.empty(); });
  });
}

state::Manifest make_manifest(const config::Pipeline& pipeline,
                              const state::StoredManifest& landing, const Options& options,
                              const Plan& plan, const std::string& version) {
  state::Manifest manifest;
  manifest.stage = kStage;
  manifest.run_id = options.run_id;
  manifest.pipeline_name = pipeline.name;
  manifest.pipeline_sha256 = pipeline.sha256;
  manifest.version = version;
  manifest.window = landing.manifest.window;
  manifest.started_us = landing.manifest.started_us;
  // The manifest of a lookup names the landing's as its own parent.
  manifest.parent = options.lookup ? options.lookup->as_parent : landing.as_parent;
  if (uses_time_zones(pipeline)) manifest.time_zones = base::time_zone_data_version();
  for (const auto& table : plan.tables) {
    manifest.schemas.push_back({table.table->name, table.schema});
  }
  return manifest;
}

std::vector<std::string> asked_keys(const Options& options) {
  std::vector<std::string> keys;
  if (!options.lookup) return keys;
  for (const auto& file : options.lookup->manifest.files) {
    keys.insert(keys.end(), file.keys.begin(), file.keys.end());
  }
  return keys;
}

double seconds_since(io::Clock& clock, std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(clock.steady_now() - begin).count();
}

}  // namespace

struct LandingTransform::Kept {
  Kept(const config::Pipeline& of, const state::RunContext& context)
      : pipeline(of), plan(make_plan(of)), builder(plan, context.env.store, context.memory_bytes) {}

  // Reads the pages and, being newer, after them the answers that were not read yet. Writes all.
  Result<StagedWindow> stage(const state::RunContext& context) {
    const auto begin = context.env.clock.steady_now();
    const auto& pages = landing.manifest.files;
    std::vector<const state::ManifestFile*> unread;
    for (; pages_read < pages.size(); ++pages_read) unread.push_back(&pages[pages_read]);
    if (options.lookup) {
      const auto& answers = options.lookup->manifest.files;
      const auto read =
          std::ranges::mismatch(answers, answers_read, {}, &state::ManifestFile::sha256);
      if (read.in2 != answers_read.end()) {
        return base::transient("the answers of the lookup are not those that were read before")
            .with_remedy("Somebody landed them again meanwhile: run again");
      }
      for (auto answer = read.in1; answer != answers.end(); ++answer) {
        unread.push_back(&*answer);
        answers_read.push_back(answer->sha256);
      }
    }
    TRY(read_landing(
        {pipeline, plan, unread, options.run_id, options.batch_rows_max, !options.landed_here},
        [&](std::vector<PageRows> rows) { return builder.add(std::move(rows)); }, context));
    TRY(auto* const window, builder.finish());
    TRY(add_asked_keys(plan, pipeline.extract.items, asked_keys(options), &window->tables));
    return write(window, begin, context);
  }

  Result<StagedWindow> write(Window* window, std::chrono::steady_clock::time_point begin,
                             const state::RunContext& context) {
    StagedWindow staged;
    staged.manifest = make_manifest(pipeline, landing, options, plan, context.version);
    const WindowToWrite written{options.run_id, context.threads, plan, context.memory_bytes,
                                *window};
    // The manifest goes first and comes last: a stage whose manifest is there is complete. A
    // blocked one has none, so that no stage goes on from it.
    const auto path = state::stage_manifest_path(options.run_id, kStage);
    TRY(context.env.store.remove(path));
    TRY(auto files, write_window(context.env.store, written, context.stop));
    staged.manifest.files = std::move(files.files);
    for (std::size_t table = 0; table < files.rows.size(); ++table) {
      if (files.rows[table]) staged.rows[plan.tables[table].table->name] = files.rows[table];
    }
    staged.summary = summarise(plan, window->tables, window->counts);
    staged.summary.seconds = seconds_since(context.env.clock, begin);
    TRY(state::write_summary(context.env.store, options.run_id, staged.summary));
    tell(plan, window->counts, staged.summary, context.events);
    TRY(check_rejections(plan, window->counts, staged.summary, options.run_id));
    TRY(const auto digest, state::write_manifest(context.env.store, path, staged.manifest));
    return staged;
  }

  const config::Pipeline& pipeline;
  Plan plan;
  WindowBuilder builder;
  state::StoredManifest landing = {};
  Options options = {};
  std::size_t pages_read = 0;
  std::vector<std::string> answers_read = {};  // their digests
};

LandingTransform::LandingTransform(const config::Pipeline& pipeline,
                                   const state::RunContext& context)
    : kept_(std::make_unique<Kept>(pipeline, context)) {}
LandingTransform::~LandingTransform() = default;

Result<StagedWindow> LandingTransform::stage(state::StoredManifest landing, Options options,
                                             const state::RunContext& context) {
  kept_->landing = std::move(landing);
  kept_->options = std::move(options);
  return kept_->stage(context);
}

Result<StagedWindow> LandingTransform::add_answers(state::StoredManifest answers,
                                                   const state::RunContext& context) {
  kept_->options.lookup = std::move(answers);
  return kept_->stage(context);
}

Result<StagedWindow> transform(const config::Pipeline& pipeline, state::StoredManifest landing,
                               Options options, const state::RunContext& context) {
  return LandingTransform(pipeline, context).stage(std::move(landing), std::move(options), context);
}

Result<TransformedPages> transform_pages(const config::Pipeline& pipeline,
                                         const std::vector<std::string_view>& pages,
                                         const state::RunContext& context) {
  const auto plan = make_plan(pipeline);
  const std::string no_run;
  PagesToRead given{pipeline, plan, no_run, Options().batch_rows_max, {}, {}, 0, {}};
  for (std::size_t page = 1; page <= pages.size(); ++page) {
    given.names.push_back(fmt::format("page-{:05}.json", page));
    given.bytes.push_back(std::ssize(pages[page - 1]));
  }
  given.read = [&](std::size_t page) -> Result<std::string> { return std::string(pages[page]); };
  TRY(auto rows, read_pages(given, context));
  TransformedPages transformed;
  for (std::size_t table = 0; table < plan.tables.size(); ++table) {
    for (const auto& page : rows) transformed.rejections += page.tables[table].quarantine;
  }
  TRY(const auto tables, join_pages(plan, &rows));
  for (const auto& table : tables) {
    transformed.tables.push_back(columnar::take_rows(*table.rows, table.order));
  }
  return transformed;
}

}  // namespace ashore::transform
