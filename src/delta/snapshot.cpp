// Replays a table's log files from version 0 and keeps what the last version holds.
#include "delta/snapshot.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>

#include "delta/log_actions.h"

namespace ashore::delta {

namespace {

using base::Result;

bool is_checkpoint(std::string_view name) {
  return name == "_last_checkpoint" || name.find(".checkpoint.") != std::string_view::npos;
}

base::Error no_beginning(const std::string& checkpoint, const std::string& folder) {
  return base::permanent("log begins with a checkpoint that ashore cannot read: " + folder +
                         "/_delta_log/" + checkpoint)
      .with_remedy(
          "Another program cleaned the log up; ashore needs every log file from version 0");
}

base::Error gap(const std::string& folder, std::int64_t version) {
  return base::permanent("log has a gap: missing " + log_path(folder, version))
      .with_remedy(
          "Restore the missing log file from a copy, or say 'ashore replay PIPELINE --rebuild', "
          "which "
          "makes the log right from the landed pages.");
}

// Takes all that an entry says but its files.
void take_all_but_files(LogActions* actions, Snapshot* snapshot) {
  if (actions->metadata) {
    auto& metadata = *actions->metadata;
    snapshot->table_id = std::move(metadata.table_id);
    snapshot->schema = std::move(metadata.schema);
    snapshot->partition_columns = std::move(metadata.partition_columns);
    snapshot->configuration = std::move(metadata.configuration);
    snapshot->created_ms = metadata.created_ms;
  }
  for (const auto& transaction : actions->transactions) {
    snapshot->transactions[transaction.app_id] = transaction.version;
    constexpr std::string_view kOurs = "ashore/";
    if (transaction.app_id.starts_with(kOurs)) {
      snapshot->last_pipeline = transaction.app_id.substr(kOurs.size());
    }
  }
}

// Files in order of their paths, each path once: the one that comes last counts.
void sort_by_path(std::vector<AddFile>* files) {
  // ashore writes them so.
  const auto is_later = [](const AddFile& file, const AddFile& next) {
    return file.path >= next.path;
  };
  if (std::ranges::adjacent_find(*files, is_later) == files->end()) return;
  std::ranges::reverse(*files);
  std::ranges::stable_sort(*files, {}, &AddFile::path);
  const auto is_same = [](const AddFile& file, const AddFile& next) {
    return file.path == next.path;
  };
  files->erase(std::unique(files->begin(), files->end(), is_same), files->end());
}

// Builds a snapshot, log file by log file.
class Replay {
 public:
  Replay() = default;
  // Goes on from a version.
  explicit Replay(Snapshot before) : snapshot_(std::move(before)), has_protocol_(true) {}

  void apply(LogActions actions) {
    has_protocol_ = has_protocol_ || actions.has_protocol;
    take_all_but_files(&actions, &snapshot_);
    if (snapshot_.files.empty() && changes_.empty()) {
      snapshot_.files = std::move(actions.add);
      sort_by_path(&snapshot_.files);
      return;
    }
    // The protocol has no order within a version: a path is never in both lists.
    for (auto& file : actions.remove) changes_.insert_or_assign(std::move(file.path), std::nullopt);
    for (auto& file : actions.add) {
      auto path = file.path;
      changes_.insert_or_assign(std::move(path), std::move(file));
    }
    // So that many small changes cost no more than the files that they are about.
    constexpr std::size_t kChangesMin = 1'000;
    if (changes_.size() > kChangesMin + snapshot_.files.size() / 4) settle();
  }

  Result<Snapshot> finish(std::int64_t version) && {
    if (!has_protocol_) return base::permanent("log has no protocol action");
    if (snapshot_.table_id.empty()) return base::permanent("log has no metaData action");
    assert(version >= 0);
    settle();
    snapshot_.version = version;
    snapshot_.rows = 0;
    for (const auto& file : snapshot_.files) snapshot_.rows += file.rows;
    return std::move(snapshot_);
  }

 private:
  // Takes the changes into the snapshot's files.
  void settle() {
    if (changes_.empty()) return;
    std::erase_if(snapshot_.files,
                  [&](const AddFile& file) { return changes_.contains(file.path); });
    std::vector<AddFile> added;
    for (auto& [path, file] : changes_) {
      if (file) added.push_back(*std::move(file));
    }
    changes_.clear();
    sort_by_path(&added);
    const auto kept = static_cast<std::ptrdiff_t>(snapshot_.files.size());
    std::ranges::move(added, std::back_inserter(snapshot_.files));
    std::ranges::inplace_merge(snapshot_.files, snapshot_.files.begin() + kept, {}, &AddFile::path);
  }

  Snapshot snapshot_;  // its files in order of path
  bool has_protocol_ = false;
  // What became of paths since: added as this, or removed.
  std::unordered_map<std::string, std::optional<AddFile>> changes_;
};

Result<LogActions> read_actions(io::ObjectStore& store, const std::string& table_folder,
                                std::int64_t version, int threads) {
  const auto path = log_path(table_folder, version);
  TRY(const auto text, store.map(path));
  return parse_log(text->bytes(), threads).within(store.location_of(path));
}

}  // namespace

std::string AddFile::rows_digest() const {
  const auto found = tags.find("ashore.rows");
  return found == tags.end() ? std::string() : found->second;
}

std::string log_path(const std::string& table_folder, std::int64_t version) {
  assert(version >= 0);
  char name[32];
  (void)std::snprintf(name, sizeof name, "%020lld.json", static_cast<long long>(version));
  return table_folder + "/_delta_log/" + name;
}

Result<std::int64_t> newest_version(io::ObjectStore& store, const std::string& table_folder) {
  TRY(const auto names, store.list_names(table_folder + "/_delta_log"));
  const auto checkpoint = std::ranges::find_if(names, is_checkpoint);
  std::int64_t next = 0;
  // Names sort as their numbers do, because they are padded to 20 digits.
  for (const auto& name : names) {
    const auto version = version_of_log_name(name);
    if (!version) continue;
    if (*version != next && next > 0) return gap(store.location_of(table_folder), next);
    if (*version != next) break;
    ++next;
  }
  const bool begins_later = next == 0 && std::ranges::any_of(names, [](const std::string& name) {
                              return version_of_log_name(name).has_value();
                            });
  if (next == 0 && checkpoint != names.end()) {
    return no_beginning(*checkpoint, store.location_of(table_folder));
  }
  if (begins_later) return gap(store.location_of(table_folder), 0);
  return next - 1;
}

Result<Snapshot> read_snapshot_at(io::ObjectStore& store, const std::string& table_folder,
                                  std::int64_t version, int threads) {
  Replay replay;
  for (std::int64_t each = 0; each <= version; ++each) {
    TRY(auto actions, read_actions(store, table_folder, each, threads));
    replay.apply(std::move(actions));
  }
  return std::move(replay).finish(version).within(store.location_of(table_folder));
}

Result<std::optional<Snapshot>> read_snapshot(io::ObjectStore& store,
                                              const std::string& table_folder) {
  TRY(const auto newest, newest_version(store, table_folder));
  if (newest < 0) return std::optional<Snapshot>();
  TRY(auto snapshot, read_snapshot_at(store, table_folder, newest));
  return std::optional(std::move(snapshot));
}

Result<Snapshot> read_next_snapshot(io::ObjectStore& store, const std::string& table_folder,
                                    Snapshot before) {
  const auto version = before.version + 1;
  TRY(auto actions, read_actions(store, table_folder, version, 1));
  Replay replay(std::move(before));
  replay.apply(std::move(actions));
  return std::move(replay).finish(version).within(store.location_of(table_folder));
}

}  // namespace ashore::delta
