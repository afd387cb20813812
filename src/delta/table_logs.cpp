// Reads logs from the version on that was read last.
#include "delta/table_logs.h"

#include <utility>

#include "base/digest.h"
#include "delta/log_actions.h"
#include "state/run_folder.h"

namespace ashore::delta {

using base::Result;

Result<std::shared_ptr<const Snapshot>> TableLogs::newest(const std::string& table) {
  TRY(const auto version, newest_version(store_, state::table_folder(table)));
  if (version < 0) return std::shared_ptr<const Snapshot>();
  return at(table, version);
}

Result<std::shared_ptr<const Snapshot>> TableLogs::at(const std::string& table,
                                                      std::int64_t version) {
  const auto folder = state::table_folder(table);
  auto& known = known_[table].snapshot;
  if (known == nullptr || known->version > version) {
    TRY(auto read, read_snapshot_at(store_, folder, version, threads_));
    known = std::make_shared<Snapshot>(std::move(read));
  }
  while (known->version < version) {
    // Copying thousands of files takes as long as reading them.
    auto before = known.use_count() == 1 ? std::move(*known) : *known;
    known.reset();
    TRY(auto next, read_next_snapshot(store_, folder, std::move(before)));
    known = std::make_shared<Snapshot>(std::move(next));
  }
  return known;
}

Result<VersionEntry> TableLogs::entry(const std::string& table, std::int64_t version) {
  if (version < 0) return VersionEntry{};
  auto& entries = known_[table].entries;
  if (const auto found = entries.find(version); found != entries.end()) return found->second;
  TRY(const auto text, store_.map(log_path(state::table_folder(table), version)));
  VersionEntry entry{version, base::to_hex(base::sha256(text->bytes())), ""};
  // An entry of another program, or one that only its checkpoint explains, names no run of ours.
  const auto author = parse_log_author(text->bytes());
  if (author.ok()) entry.run_id = author.value().run_id;
  return entries.emplace(version, std::move(entry)).first->second;
}

}  // namespace ashore::delta
