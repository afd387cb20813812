// Finds, checks and writes landings.
// A landing is its pages and a manifest written after them; nothing else makes it one.
#include "extract/landing.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <unordered_map>
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

}  // namespace

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

namespace {

// By listing, where a question for each page would cost a request each.
Result<bool> has_all_pages_listed(io::ObjectStore& store, const state::Manifest& manifest) {
  std::set<std::string> folders;
  for (const auto& file : manifest.files) folders.insert(file.path.substr(0, file.path.rfind('/')));
  std::unordered_map<std::string, std::int64_t> bytes;
  for (const auto& folder : folders) {
    TRY(auto listed, store.list(folder));
    for (auto& info : listed) bytes.emplace(std::move(info.path), info.bytes);
  }
  return std::ranges::all_of(manifest.files, [&](const state::ManifestFile& file) {
    const auto found = bytes.find(file.path);
    return found != bytes.end() && found->second == file.bytes;
  });
}

}  // namespace

Result<bool> has_all_pages(io::ObjectStore& store, const state::Manifest& manifest) {
  if (!store.is_file_system()) return has_all_pages_listed(store, manifest);
  for (const auto& file : manifest.files) {
    TRY(const auto info, store.stat(file.path));
    if (!info || info->bytes != file.bytes) return false;
  }
  return true;
}

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
  // Where nothing is replaced the next landing needs its place.
  if (!store.is_file_system()) TRY(store.remove(path));
  return std::optional<state::Manifest>();
}

state::Manifest begin_manifest(const config::Pipeline& pipeline, const Options& options,
                               const std::string& version) {
  state::Manifest manifest;
  manifest.stage = "extract";
  manifest.run_id = options.run_id;
  manifest.pipeline_name = pipeline.name;
  manifest.pipeline_sha256 = pipeline.sha256;
  manifest.version = version;
  manifest.window = options.window;
  manifest.pages_sha256 = pages_sha256(pipeline.extract.pages);
  return manifest;
}

Result<std::unique_ptr<state::ManifestText>> list_pages(WholeReading* whole, std::int64_t first,
                                                        io::ObjectStore& store,
                                                        state::Manifest* manifest) {
  auto& reading = whole->reading;
  assert(!reading.incomplete);  // a reading that does not add up is never landed
  manifest->started_us = whole->started_us;
  manifest->end = end_name(reading.end);
  const auto count = static_cast<std::int64_t>(reading.pages.size());
  TRY(const auto paths, whole->attempt->move_up(count, first));
  TRY(const auto origins, reading.origins->texts());
  auto text = std::make_unique<state::ManifestText>(store, *manifest);
  manifest->files.reserve(paths.size());
  for (std::size_t index = 0; index < paths.size(); ++index) {
    LandedPage& page = reading.pages[index];
    manifest->files.push_back({.path = paths[index],
                               .rows = page.items,
                               .bytes = page.bytes,
                               .sha256 = std::move(page.sha256),
                               .schema = {}});
    TRY(text->add(manifest->files.back(), text_at(origins, page.origin)));
  }
  return text;
}

Result<std::optional<state::Manifest>> land(const config::Pipeline& pipeline,
                                            const Options& options,
                                            const state::RunContext& context, WholeReading whole) {
  auto manifest = begin_manifest(pipeline, options, context.version);
  const auto path = landing_manifest_path(pipeline, options);
  auto& store = context.env.store;
  TRY(const auto listed, list_pages(&whole, 1, store, &manifest));
  TRY(const auto text, listed->finish());
  if (store.is_file_system()) {
    TRY(store.write_durable(path, text).within("write manifest"));
  } else {
    // Without a lock the same run may be landed twice at once: the first one counts.
    const auto put = store.put_if_absent(path, text);
    if (!put.ok() && put.error().kind() == base::ErrorKind::kAlreadyExists) {
      return std::optional<state::Manifest>();
    }
    TRY(put);
  }
  whole.attempt->kept();
  TRY(write_copy(store, options, text));
  return std::optional(std::move(manifest));
}

Status write_copy(io::ObjectStore& store, const Options& options, std::string_view text) {
  return store.write_durable(state::stage_manifest_path(options.run_id, "extract"), text)
      .within("write manifest");
}

state::ExtractCounts counts_of(const state::Manifest& manifest) {
  state::ExtractCounts counts;
  counts.pages = static_cast<std::int64_t>(manifest.files.size());
  for (const auto& file : manifest.files) {
    counts.bytes += file.bytes;
    counts.items += file.rows;
  }
  return counts;
}

Result<Landing> reuse_landing(const config::Pipeline& pipeline, const Options& options,
                              io::Env& env, state::Manifest manifest) {
  Landing landing{.manifest = std::move(manifest), .summary = {}};
  landing.summary.stage = "extract";
  landing.summary.extract = counts_of(landing.manifest);
  landing.summary.extract->pages_reused = landing.summary.extract->pages;
  const auto before = state::read_summary(env.store, options.run_id, "extract");
  if (before.ok() && before.value().extract) {
    landing.summary.extract->total = before.value().extract->total;
    landing.summary.warnings = before.value().warnings;
  }
  TRY(const auto text, env.store.map(landing_manifest_path(pipeline, options)));
  TRY(write_copy(env.store, options, text->bytes()));
  TRY(state::write_summary(env.store, options.run_id, landing.summary));
  return landing;
}

}  // namespace ashore::extract
