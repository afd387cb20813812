// Links the files of an equal landing's window as this run's.
// Digests decide; files are immutable, so a second name for them is enough.
#include "run/window_reuse.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/time_zone.h"
#include "state/run_folder.h"

namespace ashore::run {

namespace {

using base::Result;
using base::Status;

bool has_same_pages(const state::Manifest& left, const state::Manifest& right) {
  return std::ranges::equal(left.files, right.files, {}, &state::ManifestFile::sha256,
                            &state::ManifestFile::sha256);
}

bool has_rejections(const state::Summary& summary) {
  return std::ranges::any_of(summary.tables,
                             [](const state::TableCounts& counts) { return counts.rejected > 0; });
}

// Rows made from local times depend on the time zone data.
bool has_other_zones(const state::Manifest& window) {
  return !window.time_zones.empty() && window.time_zones != base::time_zone_data_version();
}

// What the earlier run left, as far as it can stand for this one.
struct Earlier {
  state::Manifest window;
  state::Summary summary;
};

Result<std::optional<Earlier>> find_earlier(io::ObjectStore& store,
                                            const config::Pipeline& pipeline,
                                            const std::string& version,
                                            const state::Manifest& landing,
                                            const std::string& earlier) {
  const auto pages = state::read_manifest(store, state::stage_manifest_path(earlier, "extract"));
  auto window = state::read_manifest(store, state::stage_manifest_path(earlier, "transform"));
  auto summary = state::read_summary(store, earlier, "transform");
  if (!pages.ok() || !window.ok() || !summary.ok()) return std::optional<Earlier>();
  const auto& parent = window.value().parent;
  const bool has_lookup = !parent || parent->path != state::stage_manifest_path(earlier, "extract");
  if (has_lookup || !has_same_pages(pages.value(), landing) || has_rejections(summary.value()) ||
      window.value().pipeline_sha256 != pipeline.sha256 || has_other_zones(window.value()) ||
      window.value().version != version) {
    return std::optional<Earlier>();
  }
  for (const auto& file : window.value().files) {
    // A window that has become damaged must not be handed on.
    const auto bytes = store.map(file.path);
    if (!bytes.ok() && bytes.error().kind() != base::ErrorKind::kNotFound) return bytes.error();
    const bool is_whole =
        bytes.ok() && base::to_hex(base::sha256(bytes.value()->bytes())) == file.sha256;
    if (!is_whole) return std::optional<Earlier>();
  }
  return std::optional(Earlier{std::move(window).value(), std::move(summary).value()});
}

}  // namespace

Result<std::optional<state::Summary>> reuse_window(io::ObjectStore& store,
                                                   const config::Pipeline& pipeline,
                                                   const std::string& version,
                                                   const state::Manifest& landing,
                                                   const std::string& earlier) {
  if (earlier.empty() || earlier == landing.run_id) return std::optional<state::Summary>();
  TRY(auto found, find_earlier(store, pipeline, version, landing, earlier));
  if (!found) return std::optional<state::Summary>();
  const auto before = state::run_folder(earlier) + "/";
  const auto after = state::run_folder(landing.run_id) + "/";
  auto& window = found->window;
  for (auto& file : window.files) {
    if (!file.path.starts_with(before)) return std::optional<state::Summary>();
    const auto path = after + file.path.substr(before.size());
    TRY(store.remove(path));
    TRY(store.link(file.path, path));
    file.path = path;
  }
  const auto parent = state::stage_manifest_path(landing.run_id, "extract");
  TRY(const auto text, store.read(parent));
  window.run_id = landing.run_id;
  window.window = landing.window;
  window.started_us = landing.started_us;
  window.parent = state::ManifestParent{parent, base::to_hex(base::sha256(text))};
  TRY(state::write_summary(store, landing.run_id, found->summary));
  TRY(const auto written,
      state::write_manifest(store, state::stage_manifest_path(landing.run_id, "transform"),
                            window));
  (void)written;
  return std::optional(std::move(found->summary));
}

Result<std::string> latest_window(io::ObjectStore& store, const config::Pipeline& pipeline) {
  // A folder may hold years of runs, of several pipelines.
  constexpr std::size_t kRunsMax = 8;
  TRY(const auto ids, store.list_names("runs"));
  // Their names begin with the time.
  std::size_t looked_at = 0;
  for (auto id = ids.rbegin(); id != ids.rend() && looked_at < kRunsMax; ++id, ++looked_at) {
    if (!state::check_run_id(*id).ok()) continue;
    const auto window = state::read_manifest(store, state::stage_manifest_path(*id, "transform"));
    if (window.ok() && window.value().pipeline_sha256 == pipeline.sha256) return *id;
  }
  return std::string();
}

}  // namespace ashore::run
