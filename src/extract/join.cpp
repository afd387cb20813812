// Proves that a run's shards are the whole and makes one landing of them.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/digest.h"
#include "extract/attempt.h"
#include "extract/completeness.h"
#include "extract/extract.h"
#include "extract/landing.h"
#include "extract/page.h"
#include "extract/page_origins.h"
#include "extract/paginator.h"
#include "extract/shard_landing.h"
#include "state/run_folder.h"

namespace ashore::extract {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::string_view kChanged =
    "The source may have changed while its shards were read: make shards anew with another run id. "
    "Where the source itself repeats items, say items: {repeats: keep}.";

// The shards of a run as they landed.
struct LandedShards {
  std::vector<state::Manifest> manifests;  // by index; without their files
  std::vector<state::ManifestFile> pages;  // of all of them, in order; without their origins
  std::unique_ptr<PageOrigins> origins;
  std::vector<PageOrigins::Place> places;  // by page
};

Result<state::ShardPlan> read_plan(const config::Pipeline& pipeline, const Options& options,
                                   io::ObjectStore& store) {
  TRY(auto plan, state::read_shard_plan(store, options.run_id));
  if (plan.pipeline_name != pipeline.name || plan.pipeline_sha256 != pipeline.sha256) {
    return base::permanent("the shards of run '" + options.run_id +
                           "' were made for another pipeline file than this one");
  }
  if (options.window.is_unbounded() || options.window == plan.window) return plan;
  return base::permanent("the shards of run '" + options.run_id + "' are of another window")
      .with_remedy("Leave the dates out.");
}

Result<LandedShards> read_shards(const PlannedRun& run, io::ObjectStore& store) {
  LandedShards landed;
  landed.origins = std::make_unique<PageOrigins>(store);
  std::string missing;
  for (const auto& shard : run.plan.shards) {
    TRY(auto manifest, find_shard(store, run, shard, state::Origins::kKept));
    if (!manifest) {
      const auto why = failure_of(store, run, shard.index);
      missing += (missing.empty() ? "" : "; ") + state::shard_text(shard) +
                 (why.empty() ? " has not landed" : " failed: " + why);
      continue;
    }
    for (auto& page : std::exchange(manifest->files, {})) {
      const auto origin = std::exchange(page.origin, nullptr);
      TRY(const auto place, landed.origins->add(origin ? state::origin_text(*origin) : ""));
      landed.places.push_back(place);
      landed.pages.push_back(std::move(page));
    }
    landed.manifests.push_back(std::move(*manifest));
  }
  if (missing.empty()) return landed;
  return base::transient("the shards are not the whole: " + missing)
      .with_remedy("'ashore extract --shard FILE --index I' lands a shard; then join again.");
}

Result<PageFacts> verified_facts(const state::ManifestFile& page, const config::Extract& extract,
                                 io::ObjectStore& store) {
  const auto damaged = [&](const std::string& what) {
    return base::permanent(what + ": " + store.location_of(page.path))
        .with_remedy("Remove the shard's folder and land the shard again.");
  };
  const auto body = store.read(page.path);
  if (!body.ok() && body.error().kind() == ErrorKind::kNotFound) {
    return damaged("a page of a shard is gone");
  }
  if (!body.ok()) return body.error();
  if (base::to_hex(base::sha256(body.value())) != page.sha256) {
    return damaged("a page of a shard is not as it was landed");
  }
  return read_page(body.value(), extract).within(store.location_of(page.path));
}

// What the pages of all shards together say.
struct Proof {
  std::int64_t items = 0;
  std::optional<std::int64_t> total;  // as every page said, where the shards are ranges of pages
};

// Shards by window have totals of their own, which their landings were compared with.
Result<Proof> prove_pages(const LandedShards& landed, const config::Pipeline& pipeline,
                          bool is_by_pages, const state::RunContext& context) {
  auto& store = context.env.store;
  const auto& extract = pipeline.extract;
  Completeness completeness(extract.items.repeats,
                            {&store, static_cast<std::size_t>(context.memory_bytes / 16 / 24)});
  std::optional<Incomplete> fault;
  std::int64_t number = 0;
  for (const auto& page : landed.pages) {
    if (context.stop.stop_requested()) return base::Error(ErrorKind::kInterrupted, "stopped");
    TRY(auto facts, verified_facts(page, extract, store));
    ++number;
    if (is_by_pages && number == 1) {
      const auto planned = pages_planned(extract.pages, facts);
      const auto count = static_cast<std::int64_t>(landed.pages.size());
      if (planned && *planned != count) {
        fault = Incomplete{fmt::format("the source has {} pages, the shards {}", *planned, count)};
      }
    }
    if (!is_by_pages) facts.total = facts.page_count = std::nullopt;
    if (!fault) fault = completeness.add(number, facts);
  }
  TRY(completeness.status());
  if (!fault) fault = completeness.finish(is_by_pages);
  if (!fault) return Proof{completeness.items(), completeness.total()};
  return base::transient("the shards are not the whole: " + fault->why)
      .with_remedy(std::string(kChanged));
}

Status prove_total(const config::Pipeline& pipeline, const Options& options, const Proof& proof,
                   const state::RunContext& context) {
  TRY(const auto total, count_items(pipeline, options, context));
  if (!total || *total == proof.items) return {};
  return base::transient(fmt::format("the shards hold {} items, the source says {} in all",
                                     proof.items, *total))
      .with_remedy(std::string(kChanged));
}

// The manifest's text with the origins of the shards' pages, which its own pages are.
Result<std::unique_ptr<state::ManifestText>> text_of(const LandedShards& landed,
                                                     const state::Manifest& manifest,
                                                     io::ObjectStore& store) {
  TRY(const auto origins, landed.origins->texts());
  auto text = std::make_unique<state::ManifestText>(store, manifest);
  for (std::size_t page = 0; page < manifest.files.size(); ++page) {
    TRY(text->add(manifest.files[page], text_at(origins, landed.places[page])));
  }
  return text;
}

// Gives the landed pages the names that one reading would have given them.
Result<std::vector<std::string>> take_pages(const LandedShards& landed, Attempt* attempt) {
  const auto count = static_cast<std::int64_t>(landed.pages.size());
  for (std::int64_t number = 1; number <= count; ++number) {
    TRY(attempt->link_page(number, landed.pages[static_cast<std::size_t>(number - 1)].path));
  }
  return attempt->move_up(count);
}

// Makes the landing of all pages: as one reading would have named them or, where that would be a
// copy of each (an object storage), where the shards landed them.
Result<state::Manifest> land_pages(const config::Pipeline& pipeline, const Options& options,
                                   const LandedShards& landed, const state::RunContext& context) {
  auto& store = context.env.store;
  const auto folder = state::raw_folder(pipeline.source_name, options.run_id);
  auto manifest = begin_manifest(pipeline, options, context.version);
  manifest.started_us =
      std::ranges::min_element(landed.manifests, {}, &state::Manifest::started_us)->started_us;
  manifest.end = landed.manifests.back().end;
  manifest.files = landed.pages;
  std::optional<Attempt> attempt;
  if (store.is_file_system()) {
    TRY(discard_unfinished(store, folder));
    TRY(const auto attempt_number, first_attempt_number(store, folder));
    attempt.emplace(store, folder, attempt_number);
    TRY(auto paths, take_pages(landed, &*attempt));
    for (std::size_t page = 0; page < paths.size(); ++page) {
      manifest.files[page].path = std::move(paths[page]);
    }
  }
  TRY(const auto listed, text_of(landed, manifest, store));
  TRY(const auto text, listed->finish());
  TRY(store.write_durable(landing_manifest_path(pipeline, options), text).within("write manifest"));
  if (attempt) attempt->kept();
  TRY(write_copy(store, options, text));
  return manifest;
}

// What was joined lies elsewhere now; on an object storage the landing names it there.
Status clear_shards(io::ObjectStore& store, const std::string& folder) {
  return store.is_file_system() ? store.remove_folder(folder) : Status();
}

state::Summary summary_of(const state::Manifest& manifest, const PlannedRun& run,
                          const Proof& proof, io::ObjectStore& store) {
  state::Summary summary;
  summary.stage = "extract";
  summary.extract = counts_of(manifest);
  summary.extract->total = proof.total;
  for (const auto& shard : run.plan.shards) {
    const auto part = state::read_summary(store, run.plan.run_id, shard_summary_name(shard.index));
    if (!part.ok() || !part.value().extract) continue;
    summary.extract->requests += part.value().extract->requests;
    summary.extract->retries += part.value().extract->retries;
  }
  return summary;
}

}  // namespace

Result<Landing> join_shards(const config::Pipeline& pipeline, const Options& given, bool is_offline,
                            const state::RunContext& context) {
  auto& store = context.env.store;
  TRY(const auto plan, read_plan(pipeline, given, store));
  auto options = given;
  options.window = plan.window;
  TRY(auto joined, find_landing(store, pipeline, options, context.events));
  if (joined) {
    // A process that died behind the manifest left them.
    TRY(clear_shards(store, state::shards_folder(pipeline.source_name, plan.run_id)));
    return reuse_landing(pipeline, options, context.env, std::move(*joined));
  }
  const auto run = planned_run(pipeline.source_name, plan);
  TRY(const auto landed, read_shards(run, store));
  const bool is_by_pages = plan.shards.front().pages.has_value();
  TRY(const auto proof, prove_pages(landed, pipeline, is_by_pages, context));
  if (!is_offline) TRY(prove_total(pipeline, options, proof, context));
  Landing landing;
  TRY(landing.manifest, land_pages(pipeline, options, landed, context));
  landing.summary = summary_of(landing.manifest, run, proof, store);
  TRY(state::write_summary(store, options.run_id, landing.summary));
  TRY(clear_shards(store, state::shards_folder(pipeline.source_name, plan.run_id)));
  return landing;
}

}  // namespace ashore::extract
