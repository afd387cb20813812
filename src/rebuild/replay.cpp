// Builds the published tables again and compares them.
// Names hold digests, so equal paths mean equal content; the bytes on the disk are read as well.
#include "rebuild/replay.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "base/digest.h"
#include "delta/rows.h"
#include "run/history.h"
#include "run/scratch_store.h"
#include "run/scratch_tables.h"
#include "run/session.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string file_text(const delta::AddFile& file) {
  return fmt::format("{} rows, {} bytes", file.rows, file.bytes);
}

using FilesByPath = std::map<std::string_view, const delta::AddFile*>;

FilesByPath files_by_path(const delta::Snapshot& snapshot) {
  FilesByPath files;
  for (const auto& file : snapshot.files) files.emplace(file.path, &file);
  return files;
}

// What two files of one partition with the very same rows share: another release may write them in
// other bytes, and so under another name. "" where the rows are not known.
std::string rows_of(const delta::AddFile& file) {
  const auto digest = file.rows_digest();
  return digest.empty() ? "" : folder_of(file.path) + "\n" + digest;
}

std::set<std::string> rows_in(const FilesByPath& files) {
  std::set<std::string> rows;
  for (const auto& [path, file] : files) rows.insert(rows_of(*file));
  rows.erase("");
  return rows;
}

void compare_shape(const std::string& table, const delta::Snapshot& published,
                   const delta::Snapshot& rebuilt, std::vector<Difference>* differences) {
  if (published.schema != rebuilt.schema) {
    differences->push_back({table, "", "", "the published columns are others than the landings'"});
  }
  if (published.partition_columns != rebuilt.partition_columns) {
    differences->push_back({table, "", "", "it is partitioned by another column"});
  }
}

// What lies on the disk under a published path.
Status compare_bytes(io::ObjectStore& store, const std::string& table,
                     const delta::Snapshot& published, std::vector<Difference>* differences) {
  run::ScratchStore scratch(store);
  for (const auto& file : published.files) {
    const auto path = state::table_folder(table) + "/" + file.path;
    const auto bytes = store.read(path);
    if (!bytes.ok() && bytes.error().kind() != ErrorKind::kNotFound) return bytes.error();
    if (!bytes.ok()) {
      differences->push_back({table, folder_of(file.path), file.path, "the file is gone"});
      continue;
    }
    const auto made = scratch.read(path);
    const bool is_rebuilt = made.ok() || made.error().kind() != ErrorKind::kNotFound;
    if (!made.ok() && is_rebuilt) return made.error();
    const auto digest = base::to_hex(base::sha256(bytes.value()));
    // A path that was not rebuilt is a difference already, or another release's, whose name tells.
    const auto expected = is_rebuilt ? base::to_hex(base::sha256(made.value()))
                                     : std::string(delta::digest_in_name(file.path));
    if (digest.starts_with(expected)) continue;
    differences->push_back({table, folder_of(file.path), file.path,
                            "the file was changed: its sha256 is " + digest + ", not " + expected});
  }
  return {};
}

Status replay_table(io::ObjectStore& store, const std::string& table, Replayed* replayed) {
  const auto folder = state::table_folder(table);
  TRY(const auto published, delta::read_snapshot(store, folder));
  run::ScratchStore scratch(store);
  TRY(const auto rebuilt, delta::read_snapshot(scratch, folder));
  if (!published) return {};
  replayed->tables.push_back({table, published->version, published->rows,
                              static_cast<std::int64_t>(published->files.size())});
  if (!rebuilt) {
    replayed->differences.push_back({table, "", "", "no landing makes this table"});
    return {};
  }
  auto differences = compare_snapshots(table, *published, *rebuilt);
  TRY(compare_bytes(store, table, *published, &differences));
  for (auto& difference : differences) replayed->differences.push_back(std::move(difference));
  return {};
}

}  // namespace

std::vector<Difference> compare_snapshots(const std::string& table,
                                          const delta::Snapshot& published,
                                          const delta::Snapshot& rebuilt) {
  std::vector<Difference> differences;
  compare_shape(table, published, rebuilt, &differences);
  const auto before = files_by_path(published);
  const auto after = files_by_path(rebuilt);
  const auto rows_before = rows_in(before);
  const auto rows_after = rows_in(after);
  for (const auto& [path, file] : before) {
    const auto found = after.find(path);
    if (found == after.end() && rows_after.contains(rows_of(*file))) continue;
    if (found == after.end()) {
      differences.push_back(
          {table, folder_of(file->path), file->path,
           "published, but the landings do not make it (" + file_text(*file) + ")"});
    } else if (file->bytes != found->second->bytes || file->rows != found->second->rows ||
               file->rows_digest() != found->second->rows_digest()) {
      differences.push_back({table, folder_of(file->path), file->path,
                             "the log says " + file_text(*file) + ", the landings make " +
                                 file_text(*found->second)});
    }
  }
  for (const auto& [path, file] : after) {
    if (before.contains(path) || rows_before.contains(rows_of(*file))) continue;
    differences.push_back(
        {table, folder_of(file->path), file->path,
         "the landings make it, but it is not published (" + file_text(*file) + ")"});
  }
  return differences;
}

Result<Replayed> replay(const config::Pipeline& pipeline, const run::Options& options,
                        const state::RunContext& context) {
  run::Session session{pipeline, options, context, nullptr};
  TRY(run::take_lock(&session, ""));
  TRY(const auto history, run::read_history(context.env.store, pipeline));
  if (history.empty()) {
    return base::not_found("nothing is published yet in " + context.env.store.location_of("stage"))
        .with_remedy("Run 'ashore run' first");
  }
  const auto steps = run::current_steps(history);
  Replayed replayed;
  replayed.landings = static_cast<std::int64_t>(steps.size());
  context.events.emit(base::Noted{fmt::format("replaying {} landing{} from raw, without network",
                                              steps.size(), steps.size() == 1 ? "" : "s")});
  TRY(run::build_tables({pipeline, options, context}, steps));
  for (const auto& table : pipeline.tables) {
    TRY(replay_table(context.env.store, table.name, &replayed)
            .within("table '" + table.name + "'"));
  }
  TRY(run::clear_scratch(context.env.store));
  return replayed;
}

}  // namespace ashore::rebuild
