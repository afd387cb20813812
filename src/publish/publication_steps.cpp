// Takes the steps of a publication.
// Every step first looks at what is there, so that a publication may be cut at any instant.
#include "publish/publication_steps.h"

#include <cassert>
#include <unordered_map>

#include "base/digest.h"
#include "delta/log_actions.h"
#include "delta/snapshot.h"
#include "state/run_folder.h"

namespace ashore::publish {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

std::string place_of(const TablePart& part, const delta::AddFile& file) {
  return state::table_folder(part.table) + "/" + file.path;
}

Result<bool> is_in_place(io::ObjectStore& store, const TablePart& part,
                         const delta::AddFile& file) {
  TRY(const auto info, store.stat(place_of(part, file)));
  return info && info->bytes == file.bytes;
}

// A new table is moved by one rename. Only where the folder holds nothing but what the commit
// adds: a merge that was cut may have left more.
Result<bool> move_as_folder(io::ObjectStore& store, const std::string& source,
                            const TablePart& part) {
  if (part.commit.version != 0 || part.staged.size() != part.commit.add.size()) return false;
  TRY(const auto names, store.list_names(state::table_folder(part.table)));
  if (!names.empty()) return false;
  const auto status = store.rename_folder(source, state::table_folder(part.table));
  if (status.ok()) return true;
  const auto kind = status.error().kind();
  if (kind == ErrorKind::kNotFound || kind == ErrorKind::kAlreadyExists) return false;
  return status.error();
}

// The paths that any version of the table ever added.
Result<std::unordered_set<std::string>> paths_of_all_versions(io::ObjectStore& store,
                                                              const std::string& folder) {
  std::unordered_set<std::string> paths;
  TRY(const auto newest, delta::newest_version(store, folder));
  for (std::int64_t version = 0; version <= newest; ++version) {
    const auto path = delta::log_path(folder, version);
    TRY(const auto text, store.map(path));
    TRY(const auto actions, delta::parse_log(text->bytes()).within(store.location_of(path)));
    for (const auto& file : actions.add) paths.insert(file.path);
  }
  return paths;
}

Result<std::unordered_set<std::string>> paths_in_use(io::ObjectStore& store,
                                                     const TablePart& part) {
  std::unordered_set<std::string> paths;
  const auto folder = state::table_folder(part.table);
  TRY(const auto newest, delta::newest_version(store, folder));
  // No commit adds what it removes, so nothing can be in use while this one is the latest.
  if (newest == part.commit.version) return paths;
  TRY(const auto snapshot, delta::read_snapshot_at(store, folder, newest));
  for (const auto& file : snapshot.files) paths.insert(file.path);
  return paths;
}

Status remove_all(io::ObjectStore& store, const std::vector<std::string>& paths) {
  for (const auto& path : paths) TRY(store.remove(path));
  return paths.empty() ? Status() : store.sync(paths);
}

}  // namespace

std::string staged_commit_path(const io::ObjectStore& store, const std::string& run_id,
                               const TablePart& part) {
  const auto digest =
      store.is_file_system() ? std::string() : "-" + part.commit_sha256.substr(0, 32);
  return state::staged_folder(run_id) + "/.commit/" + part.table + digest + ".json";
}

Result<std::string> inspect_staged(io::ObjectStore& store, const std::string& run_id,
                                   TablePart* part) {
  const auto folder = state::staged_table_folder(store, run_id, part->table);
  TRY(const auto listed, store.list(folder));
  std::unordered_map<std::string_view, std::int64_t> bytes;
  for (const auto& info : listed) {
    bytes[std::string_view(info.path).substr(folder.size() + 1)] = info.bytes;
    if (store.is_file_system()) part->staged.insert(info.path.substr(folder.size() + 1));
  }
  for (const auto& file : part->commit.add) {
    const auto found = bytes.find(file.path);
    if (found != bytes.end() && found->second == file.bytes) continue;
    part->staged.erase(file.path);
    TRY(const bool is_there, is_in_place(store, *part, file));
    if (!is_there) return file.path;
  }
  return std::string();
}

void take_as_staged(TablePart* part) {
  for (const auto& file : part->commit.add) part->staged.insert(file.path);
}

Result<std::optional<CommitOutcome>> find_commit(io::ObjectStore& store, const TablePart& part) {
  const auto path = delta::log_path(state::table_folder(part.table), part.commit.version);
  const auto text = store.read(path);
  if (text.ok()) {
    return std::optional(text.value() == part.commit_text ? CommitOutcome::kCommitted
                                                          : CommitOutcome::kLost);
  }
  if (text.error().kind() == ErrorKind::kNotFound) return std::optional<CommitOutcome>();
  return text.error();
}

namespace {

Status move_into_place(io::ObjectStore& store, const std::string& run_id, const TablePart& part) {
  if (!store.is_file_system()) return {};
  const auto source = state::staged_table_folder(store, run_id, part.table);
  TRY(const bool is_moved, move_as_folder(store, source, part));
  if (is_moved) return {};
  for (const auto& file : part.commit.add) {
    if (!part.staged.contains(file.path)) continue;
    TRY(store.rename(source + "/" + file.path, place_of(part, file)));
  }
  return {};
}

Status sync_files(io::ObjectStore& store, const std::vector<TablePart*>& parts) {
  std::vector<std::string> paths;
  for (const auto* part : parts) {
    for (const auto& file : part->commit.add) paths.push_back(place_of(*part, file));
  }
  return paths.empty() ? Status() : store.sync(paths);
}

// Each step below passes over parts whose outcome is known.
Status move_parts(io::ObjectStore& store, const std::string& run_id,
                  std::vector<TablePart>* parts) {
  std::vector<TablePart*> moved;
  for (auto& part : *parts) {
    if (part.outcome) continue;
    TRY(part.outcome, find_commit(store, part));
    if (part.outcome) continue;
    TRY(move_into_place(store, run_id, part).within("publish table '" + part.table + "'"));
    moved.push_back(&part);
  }
  return sync_files(store, moved);
}

Result<CommitOutcome> commit_part(io::ObjectStore& store, const TablePart& part) {
  const auto path = delta::log_path(state::table_folder(part.table), part.commit.version);
  auto status = store.put_if_absent(path, part.commit_text);
  if (status.ok()) return CommitOutcome::kCommitted;
  if (status.error().kind() != ErrorKind::kAlreadyExists) return std::move(status).error();
  TRY(const auto outcome, find_commit(store, part));
  return outcome.value_or(CommitOutcome::kLost);
}

Status undo_part(io::ObjectStore& store, const TablePart& part) {
  // A commit that others can read is never undone: this version's log file is another program's.
  assert(part.outcome == CommitOutcome::kLost);
  if (!store.is_file_system()) return {};
  TRY(const auto named, paths_of_all_versions(store, state::table_folder(part.table)));
  std::vector<std::string> moved;
  for (const auto& file : part.commit.add) {
    if (!named.contains(file.path)) moved.push_back(place_of(part, file));
  }
  return remove_all(store, moved).within("undo table '" + part.table + "'");
}

base::TablePublished published_event(const TablePart& part) {
  return {.table = part.table,
          .version = part.commit.version,
          .rows = part.rows,
          .files_added = static_cast<std::int64_t>(part.commit.add.size()),
          .files_removed = static_cast<std::int64_t>(part.commit.remove.size())};
}

}  // namespace

Status commit_parts(io::ObjectStore& store, const std::string& run_id,
                    std::vector<TablePart>* parts, base::EventSink& events) {
  TRY(move_parts(store, run_id, parts));
  for (auto& part : *parts) {
    if (!part.outcome) {
      TRY(part.outcome, commit_part(store, part).within("publish table '" + part.table + "'"));
    }
    if (part.outcome == CommitOutcome::kCommitted) {
      events.emit(published_event(part));
    } else {
      TRY(undo_part(store, part));
    }
  }
  return {};
}

Status delete_superseded(io::ObjectStore& store, const std::vector<TablePart>& parts) {
  std::vector<std::string> superseded;
  for (const auto& part : parts) {
    if (part.outcome != CommitOutcome::kCommitted || part.commit.remove.empty()) continue;
    TRY(const auto in_use, paths_in_use(store, part));
    for (const auto& file : part.commit.remove) {
      if (!in_use.contains(file.path)) superseded.push_back(place_of(part, file));
    }
  }
  return remove_all(store, superseded).within("delete superseded files");
}

}  // namespace ashore::publish
