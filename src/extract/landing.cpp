// Finds, checks and writes landings.
// A landing is its pages and a manifest written after them; nothing else makes it one.
#include "extract/landing.h"

#include <cassert>
#include <utility>

#include "extract/paging_seen.h"
#include "state/run_folder.h"

namespace ashore::extract {

using base::Result;
using base::Status;

std::string landing_manifest_path(const config::Pipeline& pipeline, const Options& options) {
  return state::raw_folder(pipeline.source_name, options.run_id) + "/manifest.json";
}

namespace {

Result<std::optional<state::Manifest>> read_if_there(io::ObjectStore& store,
                                                     const std::string& path) {
  auto manifest = state::read_manifest(store, path);
  if (manifest.ok()) return std::optional(std::move(manifest).value());
  if (manifest.error().kind() == base::ErrorKind::kNotFound) {
    return std::optional<state::Manifest>();
  }
  return std::move(manifest).error();
}

Status check_same_run(const state::Manifest& manifest, const config::Pipeline& pipeline,
                      const Options& options) {
  std::string difference;
  if (manifest.pipeline_name != pipeline.name) {
    difference = "another pipeline: " + manifest.pipeline_name;
  } else if (manifest.pipeline_sha256 != pipeline.sha256) {
    difference = "another version of the pipeline file";
  } else if (!(manifest.window == options.window)) {
    difference = "another window";
  } else {
    return {};
  }
  return base::permanent("run id has landed with " + difference + ": " + options.run_id)
      .with_remedy("Choose another --run-id, or give the same pipeline and dates as before.");
}

Result<bool> has_all_pages(io::ObjectStore& store, const state::Manifest& manifest) {
  // By size only: transform verifies the digests of what it reads.
  for (const auto& file : manifest.files) {
    TRY(const auto info, store.stat(file.path));
    if (!info || info->bytes != file.bytes) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<state::Manifest>> find_landing(io::ObjectStore& store,
                                                    const config::Pipeline& pipeline,
                                                    const Options& options,
                                                    base::EventSink& events) {
  // The copy is looked at too: the run id may have served another source.
  TRY(const auto copy, read_if_there(store, state::stage_manifest_path(options.run_id, "extract")));
  if (copy) TRY(check_same_run(*copy, pipeline, options));
  const std::string path = landing_manifest_path(pipeline, options);
  TRY(auto manifest, read_if_there(store, path));
  if (!manifest) return std::optional<state::Manifest>();
  TRY(check_same_run(*manifest, pipeline, options));
  TRY(const bool is_complete, has_all_pages(store, *manifest));
  if (is_complete) return manifest;
  events.emit(base::Warned{"landing lacks pages that its manifest names, it is fetched again: " +
                           store.location_of(path)});
  return std::optional<state::Manifest>();
}

Result<state::Manifest> land(const config::Pipeline& pipeline, const Options& options,
                             const state::RunContext& context, WholeReading whole) {
  auto& reading = whole.reading;
  state::Manifest manifest;
  manifest.stage = "extract";
  manifest.run_id = options.run_id;
  manifest.pipeline_name = pipeline.name;
  manifest.pipeline_sha256 = pipeline.sha256;
  manifest.version = context.version;
  manifest.window = options.window;
  manifest.started_us = whole.started_us;
  manifest.end = end_name(reading.end);
  manifest.pages_sha256 = pages_sha256(pipeline.extract.pages);
  assert(!whole.reading.incomplete);  // a reading that does not add up is never landed
  TRY(const auto paths, whole.attempt->move_up(static_cast<std::int64_t>(reading.pages.size())));
  for (std::size_t index = 0; index < paths.size(); ++index) {
    LandedPage& page = reading.pages[index];
    manifest.files.push_back({.path = paths[index],
                              .rows = page.items,
                              .bytes = page.bytes,
                              .sha256 = std::move(page.sha256),
                              .schema = {},
                              .origin = std::move(page.origin)});
  }
  TRY(state::write_manifest(context.env.store, landing_manifest_path(pipeline, options), manifest));
  whole.attempt->kept();
  return manifest;
}

Status copy_manifest(io::ObjectStore& store, const Options& options,
                     const state::Manifest& manifest) {
  TRY(state::write_manifest(store, state::stage_manifest_path(options.run_id, "extract"),
                            manifest));
  return {};
}

}  // namespace ashore::extract
