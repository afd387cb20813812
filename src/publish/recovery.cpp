// Finishes a publication from its intent alone, or takes back what was moved and not committed.
#include <algorithm>

#include "base/digest.h"
#include "publish/dead_candidates.h"
#include "publish/intents.h"
#include "publish/publication_steps.h"
#include "publish/publish.h"
#include "state/run_folder.h"

namespace ashore::publish {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

// The object if its digest is the promised one, else nothing.
Result<std::optional<std::string>> read_verified(io::ObjectStore& store, const std::string& path,
                                                 const std::string& sha256) {
  auto text = store.read(path);
  if (!text.ok() && text.error().kind() != ErrorKind::kNotFound) return std::move(text).error();
  if (!text.ok() || base::to_hex(base::sha256(text.value())) != sha256) {
    return std::optional<std::string>();
  }
  return std::optional(std::move(text).value());
}

// The log file's bytes: as staged or, where cleaning up had begun, as committed.
Result<std::optional<std::string>> read_commit_text(io::ObjectStore& store,
                                                    const state::IntentTable& table) {
  TRY(auto staged, read_verified(store, table.commit_path, table.commit_sha256));
  if (staged) return staged;
  return read_verified(store, delta::log_path(state::table_folder(table.table), table.version),
                       table.commit_sha256);
}

// A part whose outcome is known if it was committed, lost to another, or cannot be finished.
// Nothing where even its log file is gone.
Result<std::optional<TablePart>> load_part(io::ObjectStore& store, const std::string& run_id,
                                           const state::IntentTable& table) {
  TRY(auto text, read_commit_text(store, table));
  if (!text) return std::optional<TablePart>();
  TablePart part;
  part.table = table.table;
  part.rows = table.rows;
  TRY(part.commit, delta::parse_commit(*text, table.version));
  part.commit_text = std::move(*text);
  part.commit_sha256 = table.commit_sha256;
  TRY(part.outcome, find_commit(store, part));
  if (!part.outcome) {
    TRY(const auto missing, inspect_staged(store, run_id, &part));
    if (!missing.empty()) part.outcome = CommitOutcome::kLost;
  }
  return std::optional(std::move(part));
}

Result<std::vector<TablePart>> load_parts(io::ObjectStore& store, const state::Intent& intent) {
  std::vector<TablePart> parts;
  for (const auto& table : intent.tables) {
    TRY(auto part, load_part(store, intent.run_id, table).within(table.table));
    if (part) parts.push_back(std::move(*part));
  }
  return parts;
}

Status write_history(io::ObjectStore& store, const state::Intent& intent) {
  const auto manifest = state::stage_manifest_path(intent.run_id, "publish");
  TRY(store.write(state::run_file(intent.run_id, "publish.summary.json"), intent.summary_text));
  return store.write_durable(manifest, intent.manifest_text);
}

Result<std::string> finish(io::ObjectStore& store, const RecordedIntent& record,
                           base::EventSink& events) {
  const auto& intent = record.intent;
  TRY(auto parts, load_parts(store, intent));
  TRY(commit_parts(store, intent.run_id, &parts, events));
  if (intent.deletes_superseded) TRY(delete_superseded(store, parts));
  const bool is_finished =
      parts.size() == intent.tables.size() && std::ranges::all_of(parts, [](const TablePart& part) {
        return part.outcome == CommitOutcome::kCommitted;
      });
  if (is_finished) TRY(write_history(store, intent));
  TRY(close_intent(store, record));
  if (is_finished) {
    events.emit(
        base::Warned{"the interrupted publication of run " + intent.run_id + " was finished"});
    return intent.run_id;
  }
  events.emit(base::Warned{"the interrupted publication of run " + intent.run_id +
                           " was undone where it was not committed: its staged files are gone or "
                           "another commit took the version; run it again"});
  return std::string();
}

}  // namespace

Result<Settled> settle_intents(const state::RunContext& context, std::string_view kept_run) {
  auto& store = context.env.store;
  TRY(auto intents, read_intents(store));
  Settled settled{.finished_run = {}, .next_path = std::move(intents.next_path)};
  if (intents.open) {
    TRY(settled.finished_run,
        finish(store, *intents.open, context.events).within("finish an interrupted publication"));
  }
  TRY(remove_dead_candidates(store, kept_run).within("remove what dead runs left staged"));
  return settled;
}

Result<std::string> finish_intent(const state::RunContext& context) {
  TRY(auto settled, settle_intents(context));
  return std::move(settled.finished_run);
}

}  // namespace ashore::publish
