// Looks through the manifests of a source until one of them shows it.
#include "extract/paging_seen.h"

#include <functional>

#include "base/digest.h"
#include "extract/page.h"
#include "extract/paginator.h"
#include "state/manifest.h"

namespace ashore::extract {

using base::Result;

std::string pages_sha256(const config::Pages& pages) {
  const auto* const pointer = pointer_to_next(pages);
  if (pointer == nullptr) return "";
  const bool is_next = pages.style == config::PageStyle::kNext;
  const std::string kind = is_next ? "next" : pages.last_item ? "last_item" : "cursor";
  return base::to_hex(base::sha256(kind + "\n" + pointer->to_string() + "\n"));
}

namespace {

bool shows_key(const state::Manifest& landing, const config::Pipeline& pipeline) {
  const bool is_old = landing.pages_sha256.empty();
  const bool is_same = is_old ? landing.pipeline_sha256 == pipeline.sha256
                              : landing.pages_sha256 == pages_sha256(pipeline.extract.pages);
  if (!is_same) return false;
  return landing.files.size() > 1 || landing.end == end_name(End::kNull) ||
         landing.end == end_name(End::kEmpty);
}

Result<bool> any_landing(io::ObjectStore& store, const config::Pipeline& pipeline,
                         const std::function<bool(const state::Manifest&)>& is_meant) {
  const std::string folder = "raw/" + pipeline.source_name;
  TRY(const auto runs, store.list_names(folder));
  for (const auto& run : runs) {
    const auto manifest = state::read_manifest(store, folder + "/" + run + "/manifest.json");
    if (manifest.ok() && is_meant(manifest.value())) return true;
  }
  return false;
}

}  // namespace

Result<bool> next_was_seen(io::ObjectStore& store, const config::Pipeline& pipeline) {
  return any_landing(store, pipeline,
                     [&](const state::Manifest& landing) { return shows_key(landing, pipeline); });
}

Result<bool> has_landed_before(io::ObjectStore& store, const config::Pipeline& pipeline) {
  return any_landing(store, pipeline, [&](const state::Manifest& landing) {
    return landing.pipeline_sha256 == pipeline.sha256;
  });
}

}  // namespace ashore::extract
