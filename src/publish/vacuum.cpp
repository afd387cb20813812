// Finds superseded and forgotten files.
// A superseded file's age counts from the commit that removed it: a reader of the version before
// may still want it.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "delta/commit.h"
#include "delta/snapshot.h"
#include "publish/publish.h"
#include "state/manifest.h"
#include "state/run_folder.h"

namespace ashore::publish {

namespace {

using base::Result;
using base::Status;
using io::ObjectInfo;

// When each file of a table that is no longer in it was removed, as far as the log goes back.
Result<std::map<std::string, base::Timestamp>> removal_times(io::ObjectStore& store,
                                                             const std::string& table_folder,
                                                             std::int64_t newest) {
  std::map<std::string, base::Timestamp> times;
  for (std::int64_t version = newest; version >= 0; --version) {
    const auto path = delta::log_path(table_folder, version);
    const auto text = store.read(path);
    // Older versions are in a checkpoint.
    if (!text.ok() && text.error().kind() == base::ErrorKind::kNotFound) break;
    if (!text.ok()) return text.error();
    TRY(const auto commit, delta::parse_commit(text.value(), version).within(path));
    for (const auto& file : commit.remove) times.try_emplace(file.path, commit.time);
  }
  return times;
}

Status find_in_table(io::ObjectStore& store, const std::string& folder, base::Timestamp before,
                     std::vector<ObjectInfo>* found) {
  TRY(const auto snapshot, delta::read_snapshot(store, folder));
  if (!snapshot) return {};
  TRY(const auto removed, removal_times(store, folder, snapshot->version));
  std::set<std::string> needed;
  for (const auto& file : snapshot->files) needed.insert(file.path);
  TRY(const auto objects, store.list(folder));
  for (const auto& object : objects) {
    const auto path = object.path.substr(folder.size() + 1);
    // Other programs keep their own things in folders that begin so, as Delta says.
    if (path.starts_with('_') || path.starts_with('.') || needed.contains(path)) continue;
    const auto time = removed.find(path);
    auto since = time == removed.end() ? object.modified : time->second;
    // Without a lock somebody may be merging: equal rows have the same name again.
    if (!store.is_file_system()) since = std::max(since, object.modified);
    if (since < before) found->push_back(object);
  }
  return {};
}

// On an object storage: pages of readings that no manifest of the run names.
Status find_in_landing(io::ObjectStore& store, const std::string& folder, base::Timestamp before,
                       std::vector<ObjectInfo>* found) {
  TRY(auto objects, store.list(folder));
  std::set<std::string> named;
  for (const auto& object : objects) {
    if (!object.path.ends_with("/manifest.json") && !object.path.ends_with(".manifest.json")) {
      continue;
    }
    const auto manifest = state::read_manifest(store, object.path);
    if (!manifest.ok()) return {};  // nobody knows what it named
    for (const auto& file : manifest.value().files) named.insert(file.path);
  }
  std::erase_if(objects, [&](const ObjectInfo& object) {
    return object.path.find("/reading-") == std::string::npos || named.contains(object.path) ||
           object.modified >= before;
  });
  std::ranges::move(objects, std::back_inserter(*found));
  return {};
}

Status find_in_raw(io::ObjectStore& store, base::Timestamp before, std::vector<ObjectInfo>* found) {
  TRY(const auto sources, store.list_names("raw"));
  for (const auto& source : sources) {
    TRY(const auto runs, store.list_names("raw/" + source));
    for (const auto& run : runs) {
      const auto folder = "raw/" + source + "/" + run;
      if (!store.is_file_system()) {
        TRY(find_in_landing(store, folder, before, found));
        continue;
      }
      TRY(const auto names, store.list_names(folder));
      for (const auto& name : names) {
        if (!name.starts_with(".attempt-")) continue;
        TRY(auto objects, store.list(folder + "/" + name));
        // One that is being fetched keeps getting pages: all of it is old, or none.
        const bool is_old = std::ranges::all_of(
            objects, [&](const ObjectInfo& object) { return object.modified < before; });
        if (is_old) std::ranges::move(objects, std::back_inserter(*found));
      }
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ObjectInfo>> find_vacuumed(io::ObjectStore& store, base::Timestamp before) {
  std::vector<ObjectInfo> found;
  TRY(const auto tables, store.list_names("stage"));
  for (const auto& table : tables) {
    if (table.starts_with('.')) continue;
    TRY(find_in_table(store, state::table_folder(table), before, &found)
            .within("table '" + table + "'"));
  }
  TRY(find_in_raw(store, before, &found));
  if (!store.is_file_system()) {
    // Of processes that died; under a lock they go at once.
    for (const auto* folder : {"stage/.staged", ".scratch"}) {
      TRY(auto left, store.list(folder));
      std::erase_if(left, [&](const ObjectInfo& object) { return object.modified >= before; });
      std::ranges::move(left, std::back_inserter(found));
    }
  }
  TRY(auto temporaries, store.list_temporaries());
  std::erase_if(temporaries, [&](const ObjectInfo& object) { return object.modified >= before; });
  std::ranges::move(temporaries, std::back_inserter(found));
  std::ranges::sort(found, {}, &ObjectInfo::path);
  const auto is_same = [](const ObjectInfo& a, const ObjectInfo& b) { return a.path == b.path; };
  found.erase(std::unique(found.begin(), found.end(), is_same), found.end());
  return found;
}

}  // namespace ashore::publish
