// Finds the newest landing of a source by its manifest's file time.
// The newest manifest by its file's time: run ids may be any text.
#include "extract/landed_before.h"

#include <optional>

#include "state/manifest.h"

namespace ashore::extract {

using base::Result;

namespace {

// The manifest that was written last, or "".
Result<std::string> newest_manifest(io::ObjectStore& store, const std::string& source_folder,
                                    const std::string& own_folder) {
  TRY(const auto runs, store.list_names(source_folder));
  std::string newest;
  base::Timestamp time{};
  for (const auto& run : runs) {
    const auto folder = source_folder + "/" + run;
    if (folder == own_folder) continue;
    TRY(const auto info, store.stat(folder + "/manifest.json"));
    if (!info || (!newest.empty() && info->modified < time)) continue;
    newest = info->path;
    time = info->modified;
  }
  return newest;
}

}  // namespace

Result<LandedBefore> LandedBefore::find(io::ObjectStore& store, const std::string& source_folder,
                                        const std::string& own_folder) {
  LandedBefore before(store);
  TRY(const auto path, newest_manifest(store, source_folder, own_folder));
  if (path.empty()) return before;
  const auto manifest = state::read_manifest(store, path);
  if (!manifest.ok()) return before;
  for (const auto& file : manifest.value().files) before.paths_.emplace(file.sha256, file.path);
  return before;
}

std::string LandedBefore::page_like(std::string_view body, const std::string& sha256) const {
  const auto found = paths_.find(sha256);
  if (found == paths_.end()) return "";
  const auto info = store_->stat(found->second);
  if (!info.ok() || !info.value() ||
      info.value()->bytes != static_cast<std::int64_t>(body.size())) {
    return "";
  }
  const auto there = store_->read(found->second);
  return there.ok() && there.value() == body ? found->second : "";
}

}  // namespace ashore::extract
